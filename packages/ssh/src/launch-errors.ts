import type { ChannelEnd } from './channel-run.ts';
import type { Launch } from './launch.ts';
import { type HostIdentity, oneLine, SshError, type SshErrorParts } from './ssh-error.ts';

type Explanation = Pick<SshErrorParts, 'kind' | 'what' | 'advice'>;

const SUDO_WRONG: Explanation = {
  kind: 'sudoPasswordWrong',
  what: 'sudo refused the password',
  advice: 'Give the right one with --ask-become-pass; it was tried once, so the account is not locked by it.',
};

/** sudo's own words (1.8, 1.9 and sudo-rs, in the C locale), most telling first. */
const SUDO_SAYS: readonly (readonly [RegExp, Explanation])[] = [
  [/incorrect password|sorry, try again|incorrect authentication/i, SUDO_WRONG],
  [
    /(password|authentication) is required|no password was provided/i,
    {
      kind: 'sudoPasswordNeeded',
      what: 'sudo wants a password',
      advice: 'Give it with --ask-become-pass, or allow the user passwordless sudo (NOPASSWD).',
    },
  ],
  [
    /must have a tty/i,
    {
      kind: 'sudoTty',
      what: 'sudo insists on a terminal (requiretty)',
      advice: "Remove `Defaults requiretty` for this user from the host's sudoers.",
    },
  ],
  [
    /not in the sudoers|not allowed to|may not run sudo|no new privileges/i,
    {
      kind: 'sudoNotAllowed',
      what: 'sudo does not let this user run a shell as root',
      advice: 'Add the user to the sudo group or to sudoers, or log in as another user.',
    },
  ],
  [
    /sudo[^\n]*(not found|no such file|unknown command)|unknown command[^\n]*sudo/i,
    {
      kind: 'sudoMissing',
      what: 'there is no sudo on the host',
      advice: 'Install it, or log in as root.',
    },
  ],
];

/** The error of a launch whose shell never began with the script. `noise` is all that came instead. */
export function launchError(host: HostIdentity, launch: Launch, label: string, end: ChannelEnd, noise: string): SshError {
  const said = oneLine(noise);
  const ending = end.signal === null ? `status ${end.exitCode}` : `signal ${end.signal}`;
  const quote = said === '' ? '' : `, and said: ${said}`;
  const fallback: Explanation =
    launch.kind === 'plain'
      ? {
          kind: 'shellUnusable',
          what: `the login shell did not start /bin/sh: it ended with ${ending}${quote}`,
          advice: 'Is the account allowed to log in (its shell, its expiry, a ForceCommand)?',
        }
      : { kind: 'sudoFailed', what: `sudo did not start a shell: it ended with ${ending}${quote}`, advice: 'Try `sudo -v` on the host.' };
  const known = launch.kind === 'plain' ? undefined : SUDO_SAYS.find(([pattern]) => pattern.test(noise))?.[1];
  return new SshError({ host, command: label, exitCode: end.exitCode, ...(known ?? fallback) });
}

/** The error at sudo's second question: the password was wrong. */
export function sudoPasswordWrongError(host: HostIdentity, label: string): SshError {
  return new SshError({ host, command: label, ...SUDO_WRONG });
}
