import { randomMarker } from './script-frame.ts';

/**
 * How the shell for a script is started. All of it must mean the same to any login shell (POSIX, csh, fish): plain words,
 * single quotes, no variables. Nothing secret stands in it, because the host's process list shows it.
 */
export type Launch =
  | { readonly kind: 'plain'; readonly command: string }
  | { readonly kind: 'sudo'; readonly command: string }
  | {
      readonly kind: 'sudoPassword';
      readonly command: string;
      /** What sudo prints when it wants the password. */
      readonly promptMark: string;
      /** What stands on stdout once sudo is satisfied and the shell waits for the script. */
      readonly readyMark: string;
      readonly password: string;
    };

/** As the user who logged in. */
export const PLAIN_LAUNCH: Launch = { kind: 'plain', command: 'exec /bin/sh' };

/** Through sudo without a question: fails at once where a password is needed. */
export const SUDO_LAUNCH: Launch = { kind: 'sudo', command: 'exec env LC_ALL=C sudo -n -- /bin/sh' };

/**
 * Through sudo with a password on standard input. `-k` makes sudo ask even when it remembers an earlier answer, so the
 * password can never be read by the shell in its place; the ready mark tells when the script may be sent.
 */
export function sudoPasswordLaunch(password: string): Launch {
  const promptMark = `${randomMarker()}-prompt`;
  const readyMark = `${randomMarker()}-ready`;
  return {
    kind: 'sudoPassword',
    command: `exec env LC_ALL=C sudo -k -S -p '${promptMark}' -- /bin/sh -c 'echo ${readyMark}; exec /bin/sh'`,
    promptMark,
    readyMark,
    password,
  };
}
