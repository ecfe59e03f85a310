import { isSshError } from '@muster/ssh';
import { ProvisionError } from '../provision-error.ts';

/** Why a host failed: where, with which command, what to do. */
export type Failure = {
  readonly host: string;
  readonly phase: string;
  /** A stable word for programs: the kind of an SSH error, else `failed`. */
  readonly kind: string;
  readonly command?: string;
  readonly message: string;
};

/** Makes one shape of whatever a phase threw. */
export function failureOf(phase: string, host: string, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const kind = isSshError(error) ? error.kind : 'failed';
  const command = isSshError(error) || error instanceof ProvisionError ? error.command : undefined;
  return { host, phase, kind, message, ...(command === undefined ? {} : { command }) };
}
