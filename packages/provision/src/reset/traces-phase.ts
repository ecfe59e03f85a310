import { controlUser } from '@muster/api';
import { daemonJsonPath } from '../docker/daemon-json.ts';
import { isUsedByDocker } from '../docker/docker-is-ours.ts';
import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { removeControl } from '../host/control-files.ts';
import { reachedPath } from '../host/reached-note.ts';
import { runScript } from '../host/run-script.ts';
import { noteNewAccounts, removeMadeFolders, undoFolder } from '../host/undo-notes.ts';
import { dhcpRoleFolder, dnsmasqFolder, dnsmasqStateFolder } from '../network/dnsmasq-files.ts';
import { gatewayFolder } from '../network/gateway-files.ts';
import { bootFilesFolder, netbootFolder } from '../network/netboot-files.ts';
import { restorePrepared } from '../prepare/act-prepared.ts';
import { removePlaces } from '../packages/left-behind.ts';
import { databaseFolder, databaseSocketFolder, etcdDataFolder, poolFolder } from '../pool/places.ts';
import { nouveauFile } from '../nvidia/look.ts';
import { workAlone } from '../packages/package-work.ts';

type Observed = { readonly found: readonly string[] };

const folders = [
  '/opt/muster',
  '/opt/muster-agent',
  '/opt/muster-releases',
  '/opt/muster-agent-releases',
  '/var/lib/muster',
  '/var/lib/muster-agent',
  '/var/lib/muster-environments',
  '/var/cache/muster',
  etcdDataFolder,
  databaseFolder,
  dnsmasqStateFolder,
  dhcpRoleFolder,
  bootFilesFolder,
  undoFolder,
];
/** Of /etc/muster, where an administrator may have put things of his own. */
const configuration = [
  '/etc/muster/muster.yaml',
  '/etc/muster/agent.json',
  '/etc/muster/node-id',
  '/etc/muster/pki',
  poolFolder,
  dnsmasqFolder,
  gatewayFolder,
  netbootFolder,
];
const groups = ['muster-cert', controlUser];
/** Half-written files of a run that was killed. */
const halfWritten = [
  '/opt/muster.new',
  '/opt/muster-agent.new',
  '/etc/systemd/system/muster.service.new',
  '/etc/systemd/system/muster-agent.service.new',
  '/etc/muster/*.new',
  '/etc/muster/.muster-upload-*',
  '/etc/munge/munge.key.new',
  '/etc/rancher/k3s/*.new',
  '/run/muster-restart-pending.*',
  '/run/muster-reload-pending.*',
  '/etc/chrony/*.muster-new',
  '/etc/chrony/sources.d/*.muster-new',
  '/etc/resolv.conf.muster-new',
  '/etc/systemd/resolved.conf.d/*.muster-new',
  '/etc/systemd/system/*.muster-new',
  '/etc/systemd/system/chrony.service.d/*.muster-new',
  reachedPath,
  '/var/cache/muster-packages.log',
].join(' ');

/** A person who is called so has another home. */
const isOurUser = `[ "$(getent passwd muster | cut -d: -f6)" = /var/lib/muster ]`;

const observeScript = `
for path in ${[...folders, ...configuration].join(' ')}; do [ ! -e "$path" ] && [ ! -L "$path" ] || printf '%s\\n' "$path"; done
if [ -L /opt/muster-environments ]; then echo /opt/muster-environments; fi
${isOurUser} && echo 'user muster'
if id ${controlUser} >/dev/null 2>&1; then echo 'user ${controlUser}'; fi
for group in ${groups.join(' ')}; do if getent group "$group" >/dev/null; then printf 'group %s\\n' "$group"; fi; done
`;

/** Files that a run has replaced come back, files that it has made go. */
export const restoreFiles = `
${isUsedByDocker}
if [ -e ${undoFolder}/files ]; then
  while read -r path; do
    # The configuration of a Docker that somebody has put in the place of a run's.
    if [ "$path" = ${daemonJsonPath} ] && [ -e ${undoFolder}/existed.docker ] && is_used_by_docker /etc/docker; then continue; fi
    if [ -e "${undoFolder}/before$path" ] || [ -L "${undoFolder}/before$path" ]; then
      mkdir -p -- "$(dirname -- "$path")"
      # A link that somebody has put there since is replaced, never followed.
      cp -aT --remove-destination -- "${undoFolder}/before$path" "$path"
    else
      rm -f -- "$path"
    fi
  done < ${undoFolder}/files
fi
${removeMadeFolders}
# A folder that a run has made, if nobody else has put a key into it.
[ ! -e ${undoFolder}/made-keyrings ] || rmdir /etc/apt/keyrings 2>/dev/null || true
`;

/** What the kernel loads at boot was changed for the NVIDIA driver: before the list of files goes. */
const noteInitramfs = `
initramfs=no
if grep -qxF ${nouveauFile.path} ${undoFolder}/files 2>/dev/null && command -v update-initramfs >/dev/null 2>&1; then initramfs=yes; fi
`;
const makeInitramfs = `[ $initramfs = no ] || update-initramfs -u >&2`;

/** Programs that were there before a run, and go on with what they have from it until they are told. */
const restartRestored = `
systemctl daemon-reload
if grep -qE '^/etc/(slurm|munge)/' ${undoFolder}/files 2>/dev/null; then
  for name in munge slurmctld slurmd; do
    if grep -qxF $name ${undoFolder}/packages 2>/dev/null || ! systemctl -q is-active $name.service; then continue; fi
    systemctl restart $name.service
  done
fi
`;

/** System accounts that came with packages. What belongs to a person has a higher number, and stays. */
export const removeAccounts = `
${noteNewAccounts}
if [ -e ${undoFolder}/passwd ]; then
  while read -r name; do
    number=$(id -u "$name" 2>/dev/null || true)
    if [ -n "$number" ] && { [ "$number" -lt 1000 ] || [ "$number" -gt 60000 ]; }; then userdel "$name"; fi
  done < ${undoFolder}/passwd
fi
if [ -e ${undoFolder}/group ]; then
  while read -r name; do
    if [ "$name" = docker ] && is_used_by_docker /etc/docker; then continue; fi
    if getent group "$name" >/dev/null; then groupdel "$name" || true; fi
  done < ${undoFolder}/group
fi
`;

/** What an administrator has put into /etc/muster himself is kept, in its place. */
const removeConfiguration = `
rm -rf ${configuration.join(' ')}
rmdir /etc/muster/hooks.d /etc/muster 2>/dev/null || true
`;

const removeScript = `
set -eu
${workAlone}
rm -rf ${halfWritten}
${removeControl}
${noteInitramfs}
${restoreFiles}
rmdir /etc/systemd/system/docker-registry.service.d /etc/systemd/system/slurmctld.service.d 2>/dev/null || true
${makeInitramfs}
${restorePrepared}
${removePlaces}
${restartRestored}
${removeAccounts}
${removeConfiguration}
for link in /usr/local/bin/muster /usr/local/bin/muster-agent; do
  case "$(readlink "$link" || true)" in /opt/muster*) rm -f "$link" ;; esac
done
rm -rf --one-file-system ${folders.filter((path) => path !== undoFolder).join(' ')} /run/muster ${databaseSocketFolder}
[ ! -L /opt/muster-environments ] || rm -f /opt/muster-environments
if ${isOurUser}; then userdel muster; fi
if ! id muster >/dev/null 2>&1 && getent group muster >/dev/null; then groupdel muster; fi
for group in ${groups.join(' ')}; do if getent group "$group" >/dev/null; then groupdel "$group"; fi; done
# The list first: without the copies beside it, it would say that nothing was there before.
rm -f ${undoFolder}/files
rm -rf ${undoFolder}
`;

/** Everything else: programs, configuration, state, accounts, and last the notes by which a reset knows what to take away. */
export const tracesPhase: Phase<Observed> = {
  name: 'traces',
  concerns: () => true,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), observeScript, { label: 'look for traces', sudo: true, signal: run.signal });
    return { found: output.split('\n').filter((line) => line !== '') };
  },
  plan: ({ found }) => found.map((what) => ({ what: `remove ${/^(?:user|group) /u.test(what) ? 'the ' : ''}${what}` })),
  act: async (_observed, host, run) => {
    const options = { label: 'remove the traces', sudo: true, signal: run.signal, timeoutSeconds: 300 };
    await runScript(connectionOf(host), removeScript, options);
  },
};
