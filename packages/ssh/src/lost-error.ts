import { type HostIdentity, SshError } from './ssh-error.ts';

/** The error for whatever was under way when a connection was lost. `exitCode` when the host had still told it. */
export function connectionLostError(
  host: HostIdentity,
  why: string,
  {
    label,
    exitCode,
    cause,
  }: { readonly label?: string | undefined; readonly exitCode?: number | null | undefined; readonly cause?: unknown },
): SshError {
  const known = exitCode === undefined ? '' : `; the command had ended with status ${exitCode ?? 'unknown'}, but its output is incomplete`;
  return new SshError({
    kind: 'connectionLost',
    host,
    what: `the connection was lost: ${why}${known}`,
    advice: 'The command may or may not have run to its end: look at the host before you trust its state, then run it again.',
    command: label,
    exitCode,
    cause,
  });
}
