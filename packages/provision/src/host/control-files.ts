import { controlUser } from '@muster/api';
import type { ClusterHost } from './cluster.ts';
import { readFlag, textVariable } from './variables.ts';
import type { ManagedFile } from './managed-file.ts';
import { agentUnit } from './units.ts';

/**
 * What lies on a host so that the server can start, stop and restart its agent over SSH. Everything is root's: the user itself can write
 * nothing of it, has no password, and its login shell is the one program that also is the forced command of the key. So whatever way
 * into the account is found, it leads to these four words and to nothing else; unless the inventory has given the server all of the host.
 */
const home = `/var/lib/${controlUser}`;
export const controlProgramPath = `${home}/control`;
export const controlSudoersPath = `/etc/sudoers.d/${controlUser}`;
/** The rule for sudo before it is in force. */
const stagedSudoersPath = `${home}/sudoers`;
const keysPath = `${home}/.ssh/authorized_keys`;

/** Where the user's home and login shell are, as `getent passwd` shows them. */
export const controlAccount = `${home}:${controlProgramPath}`;

/** What a run found of it on a host. */
export type ControlSeen = {
  /** `home:shell` of the user; empty when there is no such user. */
  readonly account: string;
  readonly program: string;
  readonly keys: string;
  readonly sudoers: string;
};

/** Where the two programs lie on a host; `sudo` is empty where it is missing. */
export type ControlPrograms = { readonly systemctl: string; readonly sudo: string };

/** What the server may do on a host: start, stop and restart its agent, or everything, as root. */
export type ControlExtent = 'agent' | 'full';

/** The files to bring to a host, the rule for sudo to where it waits. `publicKeys` are the server's: the one in use, and one that is to follow. */
export function controlFiles(
  programs: ControlPrograms,
  publicKeys: readonly string[],
  extent: ControlExtent = 'agent',
): Record<'program' | 'keys' | 'sudoers', ManagedFile> {
  return {
    program: { path: controlProgramPath, mode: 0o755, content: extent === 'full' ? fullProgram(programs) : program(programs) },
    keys: {
      path: keysPath,
      mode: 0o644,
      content: publicKeys.map((key) => `${restrictions(extent)},command="${controlProgramPath}" ${key} ${controlUser}\n`).join(''),
    },
    sudoers: { path: stagedSudoersPath, mode: 0o440, content: extent === 'full' ? fullSudoers : sudoers(programs) },
  };
}

/** Nothing but the one program; a console of the node is a program that needs a terminal. */
const restrictions = (extent: ControlExtent): string => (extent === 'full' ? 'restrict,pty' : 'restrict');

/** The four words of the server, each with its command. */
const words = ({ systemctl, sudo }: ControlPrograms): string => `PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
case "\${SSH_ORIGINAL_COMMAND-}" in
  start) exec ${sudo} -n ${systemctl} start ${agentUnit} ;;
  stop) exec ${sudo} -n ${systemctl} stop ${agentUnit} ;;
  restart) exec ${sudo} -n ${systemctl} restart ${agentUnit} ;;
  is-active) exec ${systemctl} is-active ${agentUnit} ;;
esac
`;

/** Nothing of a request reaches a command line: it is compared with four words, and the command of that word is run. */
const program = (programs: ControlPrograms): string => `#!/bin/sh
# Written by "muster apply". All that the key of the Muster server can do on this host; see docs/agent-lifecycle.md.
${words(programs)}echo 'This account starts, stops and restarts the Muster agent and does nothing else.' >&2
exit 77
`;

/** With `muster_control=full` any other request is run as the shell of an ordinary account would. */
const fullProgram = (programs: ControlPrograms): string => `#!/bin/sh
# Written by "muster apply" because the inventory says muster_control=full: the key of the Muster server can do everything here; see docs/runs.md.
${words(programs)}if [ -z "\${SSH_ORIGINAL_COMMAND-}" ]; then
  echo 'This account runs commands of the Muster server; there is no shell to sit at.' >&2
  exit 77
fi
exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
`;

const fullSudoers = `# Written by "muster apply" because the inventory says muster_control=full: the key of the Muster server is root here.
Defaults:${controlUser} !requiretty
${controlUser} ALL=(root) NOPASSWD: ALL
`;

const sudoers = ({
  systemctl,
}: ControlPrograms): string => `# Written by "muster apply": what the key of the Muster server may do on this host.
Defaults:${controlUser} !requiretty
${['start', 'stop', 'restart'].map((action) => `${controlUser} ALL=(root) NOPASSWD: ${systemctl} ${action} ${agentUnit}\n`).join('')}`;

/** Makes the folders, before the files are uploaded. */
export const makeControlFolders = `
set -eu
install -d -o root -g root -m 0755 ${home} ${home}/.ssh
`;

/**
 * Makes the user and puts the rule for sudo in force, after the files are uploaded. The rule takes its place whole and only if it is
 * valid, because a broken one would leave nobody a way to become root. The account has a password that nothing matches rather than a
 * locked one: an sshd without PAM lets nobody into a locked account.
 */
export const enableControl = ({ systemctl }: ControlPrograms): string => `
set -eu
if ! visudo -cqf ${stagedSudoersPath}; then echo 'sudo does not take the rule' >&2; exit 1; fi
if id ${controlUser} >/dev/null 2>&1; then
  usermod --home ${home} --shell ${controlProgramPath} --password '*' ${controlUser}
else
  useradd --system --user-group --home-dir ${home} --no-create-home --shell ${controlProgramPath} --password '*' ${controlUser}
fi
install -o root -g root -m 0440 ${stagedSudoersPath} ${controlSudoersPath}.new
mv -f ${controlSudoersPath}.new ${controlSudoersPath}
rm ${stagedSudoersPath}
if ! sudo -n -l -U ${controlUser} ${systemctl} restart ${agentUnit} >/dev/null; then
  echo 'sudo does not read ${controlSudoersPath}: does /etc/sudoers include that folder?' >&2
  exit 1
fi
`;

/** Takes all of it away again; may be repeated. A reset of a host runs this. */
export const removeControl = `
set -eu
rm -f ${controlSudoersPath} ${controlSudoersPath}.new ${keysPath}
if id ${controlUser} >/dev/null 2>&1; then userdel ${controlUser}; fi
rm -rf ${home}
`;

/** Whether the server is to have that way to a host: `muster_control` of the inventory, yes without it. */
export const wantsControl = (host: ClusterHost): boolean => controlExtent(host) !== undefined;

/** What the server may do on a host by `muster_control` of the inventory: `yes` is its agent, and is meant without a word; undefined for `no`. */
export function controlExtent(host: ClusterHost): ControlExtent | undefined {
  const word = answer(host);
  if (word === 'full') return 'full';
  return readFlag(word) === false ? undefined : 'agent';
}

/** Why `muster_control` is not understood. */
export function controlProblems(host: ClusterHost): string[] {
  const word = answer(host);
  return word === 'full' || readFlag(word) !== undefined ? [] : [`muster_control is "${word}": write yes, no or full`];
}

const answer = (host: ClusterHost): string => (textVariable(host, 'muster_control') ?? 'yes').toLowerCase();
