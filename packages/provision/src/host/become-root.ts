import type { Connection } from '@muster/ssh';
import { ProvisionError } from '../provision-error.ts';

/**
 * Proves that a logged-in user can act as root: looks at the user id that a command has under sudo. Changes nothing.
 * @throws ProvisionError when sudo makes another user of us; SshError when sudo refuses
 */
export async function becomeRoot(connection: Connection, name: string, signal: AbortSignal): Promise<void> {
  const label = 'sudo id -u';
  const { exitCode, stdout } = await connection.exec(['id', '-u'], { sudo: true, timeoutSeconds: 30, signal, label });
  if (exitCode === 0 && stdout.trim() === '0') return;
  const how = exitCode === 0 ? `gives the user id ${stdout.trim().slice(0, 20)}` : `ends with exit status ${String(exitCode)}`;
  throw new ProvisionError(`sudo on ${name} ${how}: this user cannot act as root there. Let sudo give him root.`, { command: label });
}
