import { styleText } from 'node:util';
import { ProblemError } from '@muster/api';
import { CliError } from '../cli-error.ts';
import { printable } from './printable.ts';

/** Errors whose message was written for people; anything else is a fault of ours and says so. */
const forPeople = new Set([
  'ConfigError',
  'StartError',
  'StoreRefused',
  'StoreUnavailable',
  'EmbeddedPostgresError',
  'SshError',
  'InventoryError',
  'ProvisionError',
  'TrustError',
  'BackupError',
]);

/** Tells a person what went wrong, on standard error, and returns the exit code. Never a stack trace, unless MUSTER_LOG_LEVEL=debug asks for it. */
export function reportError(error: unknown): number {
  process.stderr.write(`${styleText('red', 'error:', { stream: process.stderr })} ${harmless(messageOf(error))}\n`);
  if (process.env['MUSTER_LOG_LEVEL'] === 'debug' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return error instanceof CliError ? error.exitCode : 1;
}

/** What a server or a host says may be part of a message. */
const harmless = (message: string): string => message.split('\n').map(printable).join('\n');

function messageOf(error: unknown): string {
  if (error instanceof ProblemError) return error.problem.detail;
  if (error instanceof CliError) return error.message;
  if (error instanceof Error && (forPeople.has(error.name) || 'hint' in error)) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  return `${text}\nThis message is not one Muster means to give. Run again with MUSTER_LOG_LEVEL=debug and report what it prints.`;
}
