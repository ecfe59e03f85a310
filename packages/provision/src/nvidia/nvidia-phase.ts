import { daemonChange, daemonJsonPath, keptDaemonFile, mergedDaemonJson } from '../docker/daemon-json.ts';
import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { fileChange, type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteRestart, restartService } from '../host/service.ts';
import { noteFiles } from '../host/undo-notes.ts';
import { observeSource, sourceChanges, writeSource } from '../packages/apt-source.ts';
import { installPackagesScript, missingPackagesScript } from '../packages/install-packages.ts';
import { packageFolder, packagesFor, uploadPackages } from '../packages/package-source.ts';
import { ProvisionError } from '../provision-error.ts';
import {
  initramfsMark,
  noteChange,
  nouveauFile,
  nvidiaLookScript,
  type NvidiaSeen,
  persistencedUnit,
  readNvidia,
  rebootReason,
} from './look.ts';
import { drainWords } from './membership.ts';
import { nvidiaSource } from './nvidia-source.ts';
import { loadDriver, rebootIfNeeded } from './reboot-for-driver.ts';
import { driverPackages, hasGpu, toolkitPackage, wantedNvidia, type WantedNvidia } from './wanted-nvidia.ts';

type Observed = {
  readonly wanted: WantedNvidia;
  readonly seen: NvidiaSeen;
  readonly source: readonly ManagedFile[] | undefined;
  readonly sourceChanges: readonly Change[];
  readonly missing: readonly string[];
  /** Docker's configuration with the runtime for cards, where it has to change. */
  readonly daemonJson: string | undefined;
};

const dockerUnit = 'docker.service';
const runtime = { runtimes: { nvidia: { path: 'nvidia-container-runtime', runtimeArgs: [] } } };

/**
 * The NVIDIA driver and what containers need of it, on hosts with `has_gpu`. Before k3s, which looks for the runtime when it starts. A
 * reboot happens only where something was changed and the driver does not answer without one (see `rebootIfNeeded`).
 */
export const nvidiaPhase: Phase<Observed> = {
  name: 'nvidia',
  concerns: hasGpu,
  observe,
  plan: (observed, { host }) => {
    const { wanted, seen, missing, daemonJson } = observed;
    const folder = packageFolder(host);
    const changes: Change[] = [
      ...observed.sourceChanges,
      ...(wanted.isDriverWanted ? fileChange(nouveauFile, seen.nouveauHash) : []),
      ...(missing.length === 0 ? [] : [{ what: `install ${missing.join(', ')}${folder === undefined ? '' : ` from ${folder}`}` }]),
      ...(seen.isInitramfsDue ? [{ what: 'make the initramfs anew' }] : []),
      ...(persistencedDue(observed) ? [{ what: `start ${persistencedUnit}` }] : []),
      ...(daemonJson === undefined ? [] : [daemonChange(seen.daemonFile, daemonJson)]),
      ...(isDockerDue(observed) ? [{ what: `restart ${dockerUnit}` }] : []),
    ];
    return [...changes, ...rebootChange(observed)];
  },
  act,
  verify: async (host, run) => {
    const script = 'PATH=$PATH:/usr/sbin; nvidia-smi -L';
    await runScript(connectionOf(host), script, { label: 'nvidia-smi', sudo: true, signal: run.signal });
  },
};

const isDockerDue = ({ seen, daemonJson }: Observed): boolean =>
  daemonJson !== undefined || (seen.isDockerOurs && seen.isDockerRestartPending);

/** A package that is yet to come may bring the unit; that is looked at again afterwards. */
const persistencedDue = ({ wanted, seen: { persistenced } }: Observed): boolean =>
  wanted.isDriverWanted && persistenced !== undefined && !(persistenced.active && persistenced.enabled);

/** What may need a reboot. */
const isDriverChanged = ({ wanted, seen, missing }: Pick<Observed, 'wanted' | 'seen' | 'missing'>): boolean =>
  wanted.isDriverWanted && (missing.length > 0 || fileChange(nouveauFile, seen.nouveauHash).length > 0);

function rebootChange(observed: Observed): Change[] {
  const { wanted, seen } = observed;
  const reason = rebootReason(seen);
  if (!wanted.isDriverWanted || reason === undefined) return [];
  const otherwise = wanted.mayReboot ? `${drainWords(seen.membership)}reboot` : 'say that a reboot is needed (nvidia_reboot=no)';
  return [{ what: isDriverChanged(observed) ? `${otherwise}, if nvidia-smi does not answer then` : `${otherwise}: ${reason}` }];
}

/**
 * A driver that does not answer although nothing is to be changed, and that has had its reboot, is not mended by another one.
 * @throws ProvisionError
 */
function requireAnswer({ host }: HostRun, observed: Pick<Observed, 'wanted' | 'seen' | 'missing'>): void {
  const { wanted, seen } = observed;
  const reason = rebootReason(seen);
  if (reason === undefined || isDriverChanged(observed) || (wanted.isDriverWanted && seen.isChangedInThisBoot)) return;
  throw new ProvisionError(
    wanted.isDriverWanted
      ? `${host.name} has the packages of the NVIDIA driver, and ${reason}, although it was booted since. See "nvidia-smi" and "journalctl -k -b" there.`
      : `${host.name} has install_nvidia_driver=no, and ${reason}. Mend its driver, or let Muster install one.`,
  );
}

async function observe(host: HostRun, run: Run): Promise<Observed> {
  const wanted = wantedNvidia(host.host);
  const connection = connectionOf(host);
  const look = (script: string, label: string) => runScript(connection, script, { label, sudo: true, signal: run.signal });
  const output = await look(`${nvidiaLookScript}\n${observeSource('nvidia')}`, 'look at the NVIDIA driver');
  const seen = readNvidia(output, host.host);
  requireCard(host, { wanted, seen });
  const source = await nvidiaSource(host.host);
  const hasToolkit = await wantsToolkit(host, { wanted, hasSource: source !== undefined });
  const names = [
    ...(wanted.isDriverWanted ? driverPackages(host.host, { osId: factsOf(host).osId, kernel: seen.kernel }) : []),
    ...(hasToolkit ? [toolkitPackage] : []),
  ];
  const absent = names.length === 0 ? '' : await look(missingPackagesScript(names), 'look for packages of NVIDIA');
  const missing = names.filter((name) => absent.split('\n').includes(`missing=${name}`));
  requireAnswer(host, { wanted, seen, missing });
  return {
    wanted,
    seen,
    source,
    sourceChanges: sourceChanges('nvidia', source, readLines(output)),
    missing,
    daemonJson:
      hasToolkit && (seen.isDockerOurs || willHaveDocker(host, run))
        ? mergedDaemonJson(host.host.name, seen.daemonFile.text, runtime)
        : undefined,
  };
}

/** In a dry run Docker is not there yet, and is named all the same. */
const willHaveDocker = ({ host }: HostRun, run: Run): boolean => run.dryRun && host.roles.includes('docker');

function requireCard({ host }: HostRun, { wanted, seen }: Pick<Observed, 'wanted' | 'seen'>): void {
  if (seen.hasCard || !wanted.isHardwareChecked) return;
  throw new ProvisionError(
    `${host.name} has has_gpu=yes and no NVIDIA card: no device of the vendor 0x10de is on its PCI bus (/sys/bus/pci/devices). Set has_gpu=no for it; or nvidia_check_hardware=no where the bus cannot be seen.`,
  );
}

/** Asked for, or where a folder or a source has it; so a second run decides the same. */
async function wantsToolkit(
  host: HostRun,
  { wanted, hasSource }: { readonly wanted: WantedNvidia; readonly hasSource: boolean },
): Promise<boolean> {
  if (wanted.toolkit !== undefined) return wanted.toolkit;
  const folder = packageFolder(host.host);
  if (folder === undefined) return hasSource;
  return (await packagesFor(folder, factsOf(host))).some((path) => path.split('/').at(-1)?.startsWith(`${toolkitPackage}_`));
}

async function act(observed: Observed, host: HostRun, run: Run): Promise<void> {
  const connection = connectionOf(host);
  const options = { sudo: true, signal: run.signal };
  if (observed.sourceChanges.length > 0) await writeSource(connection, 'nvidia', observed.source, run.signal);
  if (isDriverChanged(observed)) await runScript(connection, `set -eu\n${noteChange}`, { ...options, label: 'note the boot' });
  if (observed.wanted.isDriverWanted && fileChange(nouveauFile, observed.seen.nouveauHash).length > 0) {
    await runScript(connection, `set -eu\n${noteFiles([nouveauFile.path])}\n: > ${initramfsMark}`, {
      ...options,
      label: 'note what is loaded at boot',
    });
    await writeManaged(connection, nouveauFile, run.signal);
  }
  if (observed.missing.length > 0) await install(observed.missing, host, run);
  await runScript(connection, makeInitramfs, { ...options, label: 'make the initramfs', timeoutSeconds: 900 });
  if (observed.wanted.isDriverWanted) await runScript(connection, loadDriver, { ...options, label: 'load the NVIDIA driver' });
  if (observed.daemonJson !== undefined) {
    const prepare = `set -eu\n${noteRestart(dockerUnit)}\n${noteFiles([daemonJsonPath])}\nmkdir -p /etc/docker`;
    await runScript(connection, prepare, { ...options, label: `keep ${daemonJsonPath}` });
    await writeManaged(connection, keptDaemonFile(observed.seen.daemonFile, observed.daemonJson), run.signal);
  }
  if (isDockerDue(observed))
    await runScript(connection, restartService(dockerUnit), { ...options, label: `start ${dockerUnit}`, timeoutSeconds: 300 });
  if (observed.wanted.isDriverWanted) await rebootIfNeeded(observed.wanted, host, run);
}

async function install(names: readonly string[], host: HostRun, run: Run): Promise<void> {
  const folder = packageFolder(host.host);
  if (folder !== undefined) await uploadPackages(connectionOf(host), await packagesFor(folder, factsOf(host)), run.signal);
  await runScript(connectionOf(host), installPackagesScript(names, folder !== undefined), {
    label: `install ${names.join(', ')}`,
    sudo: true,
    signal: run.signal,
    timeoutSeconds: 3600,
  });
}

/** Only when what it holds has changed: it takes a minute on a slow disk. */
const makeInitramfs = `
set -eu
PATH=$PATH:/usr/sbin
[ -e ${initramfsMark} ] || exit 0
if command -v update-initramfs >/dev/null 2>&1; then update-initramfs -u >&2; fi
rm -f ${initramfsMark}
`;
