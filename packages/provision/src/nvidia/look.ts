import { dockerIsOurs } from '../docker/docker-is-ours.ts';
import { type DaemonFile, observeDaemonJson, readDaemonFile } from '../docker/daemon-json.ts';
import { hashLine, type ManagedFile } from '../host/managed-file.ts';
import { readLines } from '../host/run-script.ts';
import { observeService, serviceState, type ServiceState } from '../host/service.ts';
import { undoFolder } from '../host/undo-notes.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { type Membership, observeMembership, readMembership } from './membership.ts';

/** Keeps the kernel's own driver away from the cards. */
export const nouveauFile: ManagedFile = {
  path: '/etc/modprobe.d/muster-nouveau.conf',
  content:
    '# Written by "muster apply": the NVIDIA driver and nouveau cannot share a card.\nblacklist nouveau\noptions nouveau modeset=0\n',
  mode: 0o644,
};

export const persistencedUnit = 'nvidia-persistenced.service';

/** Stands from a change of what the kernel loads at boot until the initramfs was made anew. */
export const initramfsMark = `${undoFolder}/initramfs-due`;

/** Says in which boot something was changed that may need a reboot. */
const rebootMark = `${undoFolder}/nvidia-changed-in`;

/** What a host has of NVIDIA's. */
export type NvidiaSeen = {
  readonly hasCard: boolean;
  readonly isNouveauLoaded: boolean;
  readonly nouveauHash: string;
  readonly isInitramfsDue: boolean;
  /** Whether a run has changed something since the host was booted. */
  readonly isChangedInThisBoot: boolean;
  readonly kernel: string;
  /** Whether nvidia-smi talks to the driver. */
  readonly answers: boolean;
  /** undefined where no package has brought it. */
  readonly persistenced: ServiceState | undefined;
  /** Whether Docker is one that a run has brought, and what its configuration holds. */
  readonly isDockerOurs: boolean;
  readonly daemonFile: DaemonFile;
  /** Whether Docker reads something new only when it is started anew. */
  readonly isDockerRestartPending: boolean;
  /** What runs there for others. */
  readonly membership: Membership;
};

/** Vendor of NVIDIA on the PCI bus. */
const vendor = '0x10de';

/** A line of script that prints `card=yes` where a device of NVIDIA is on the PCI bus. lspci may be missing, so the kernel is asked; needs no rights. */
export const lookForCards = `if grep -qxF ${vendor} /sys/bus/pci/devices/*/vendor 2>/dev/null; then echo card=yes; fi`;

/** Prints what `readNvidia` reads. */
export const nvidiaLookScript = `
PATH=$PATH:/usr/sbin
${lookForCards}
if [ -d /sys/module/nouveau ]; then echo nouveau=yes; fi
if [ -e ${initramfsMark} ]; then echo initramfs_due=yes; fi
if [ -e ${rebootMark} ] && [ "$(cat ${rebootMark})" = "$(cat /proc/sys/kernel/random/boot_id)" ]; then echo changed_in_this_boot=yes; fi
printf 'kernel=%s\\n' "$(uname -r)"
${hashLine('nouveau_file', nouveauFile.path)}
if command -v nvidia-smi >/dev/null 2>&1 && timeout 60 nvidia-smi -L >/dev/null 2>&1; then echo answers=yes; fi
if [ "$(systemctl show -p LoadState --value ${persistencedUnit} 2>/dev/null)" = loaded ]; then echo persistenced=yes; fi
${dockerIsOurs}
if docker_is_ours; then echo docker=ours; fi
${observeDaemonJson}
if [ -e /run/muster-restart-pending.docker.service ]; then echo docker_pending=yes; fi
${observeMembership}
${observeService(persistencedUnit)}
`;

/** Reads what the script printed. */
export function readNvidia(output: string, host: Pick<ClusterHost, 'roles'>): NvidiaSeen {
  const lines = readLines(output);
  const is = (key: string, word = 'yes'): boolean => lines.get(key) === word;
  return {
    hasCard: is('card'),
    isNouveauLoaded: is('nouveau'),
    nouveauHash: lines.get('nouveau_file') ?? 'none',
    isInitramfsDue: is('initramfs_due'),
    isChangedInThisBoot: is('changed_in_this_boot'),
    kernel: lines.get('kernel') ?? '',
    answers: is('answers'),
    persistenced: is('persistenced') ? serviceState(output) : undefined,
    isDockerOurs: is('docker', 'ours'),
    daemonFile: readDaemonFile(lines),
    isDockerRestartPending: is('docker_pending'),
    membership: readMembership(output, host),
  };
}

/** Lines of script to run before such a change. */
export const noteChange = `
mkdir -p -m 0700 ${undoFolder}
cat /proc/sys/kernel/random/boot_id > ${rebootMark}.new
mv ${rebootMark}.new ${rebootMark}
`;

/** Why the host has to be rebooted before the driver works; undefined when it does. Pure. */
export function rebootReason({ isNouveauLoaded, answers }: Pick<NvidiaSeen, 'isNouveauLoaded' | 'answers'>): string | undefined {
  if (isNouveauLoaded) return 'nouveau still has the cards';
  return answers ? undefined : 'nvidia-smi does not reach the driver yet';
}
