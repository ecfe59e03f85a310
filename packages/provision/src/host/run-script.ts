import type { Connection } from '@muster/ssh';
import { ProvisionError } from '../provision-error.ts';

export type ScriptOptions = {
  readonly label: string;
  readonly sudo?: boolean;
  readonly stdin?: string;
  readonly timeoutSeconds?: number;
  /** How much of its output is kept; see `ExecOptions`. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
};

/**
 * Runs a script on a host and returns what it printed.
 * @throws ProvisionError with the end of its error output when it did not succeed; SshError when its end is not known
 */
export async function runScript(connection: Connection, script: string, { label, ...options }: ScriptOptions): Promise<string> {
  const result = await connection.exec(script, { ...options, label, timeoutSeconds: options.timeoutSeconds ?? 120 });
  if (result.exitCode === 0) return result.stdout;
  const how = result.signal === null ? `exit status ${String(result.exitCode)}` : `signal ${result.signal}`;
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-5).join('\n');
  throw new ProvisionError(`${label} failed (${how})${said === '' ? ' and said nothing' : `: ${said}`}`, { command: label });
}

/** Reads the `key=value` lines of an observing script. */
export function readLines(output: string): ReadonlyMap<string, string> {
  const pairs = output.split('\n').filter((line) => line.includes('='));
  return new Map(pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
