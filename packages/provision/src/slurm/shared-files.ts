import { factsOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { controllersOf, isKnown } from './members.ts';
import { controllerLines, keptLine, type SlurmCluster, slurmFiles, type SlurmMachine, slurmStateFolder } from './slurm-conf.ts';
import { sharedFolderOf } from './state-folder.ts';

/** What the configuration was before this run, as its controller has it; empty where it had none. */
export type ConfigurationBefore = { readonly slurm: string; readonly gres: string };

/**
 * The files of the cluster of a run: from the nodes that were looked at, and for the others, which the run names as failed, from what was
 * configured before. Undefined while a node is yet to say what it has, which is so in a dry run only.
 */
export function sharedFiles(run: Run, before: ConfigurationBefore): ManagedFile[] | undefined {
  const all = run.hosts.filter(({ host }) => host.roles.includes('slurm-node')).toSorted((a, b) => (a.host.name < b.host.name ? -1 : 1));
  const nodes = all.flatMap((host) =>
    host.failed === true || host.slurm === undefined ? [] : [{ ...machineOf(host), hardware: host.slurm }],
  );
  // Hosts outside --limit are not asked what they have: their lines stay, as those of hosts that failed.
  const away = all
    .filter(({ failed, slurm, part }) => failed === true || (part !== undefined && slurm === undefined))
    .map(({ host }) => host.name);
  if (nodes.length + away.length < all.length) return undefined;
  const [first] = run.cluster.hosts.filter(({ name }) => name === run.cluster.slurmControllers[0]);
  return slurmFiles({
    clusterName: clusterNameOf(first),
    ...controllersIn(run, before),
    stateFolder: (first === undefined ? undefined : sharedFolderOf(first)) ?? slurmStateFolder,
    nodes,
    keptLines: away.flatMap((name) => keptLine(before.slurm, name) ?? []),
    wereContainers: away.length > 0 && before.slurm.includes('proctrack/linuxproc'),
    keptGres: away.flatMap((name) => keptLine(before.gres, name) ?? []),
  });
}

/** `ClusterName`: what the primary's variables say. */
export const clusterNameOf = (primary: ClusterHost | undefined): string =>
  (primary === undefined ? undefined : textVariable(primary, 'slurm_cluster_name')) ?? 'muster';

/**
 * The controllers. Where one cannot be looked at in this run, their lines stay as they are.
 * @throws ProvisionError when the lines from before are of other controllers
 */
function controllersIn(run: Run, before: ConfigurationBefore): Pick<SlurmCluster, 'controllers' | 'keptControllers'> {
  const all = controllersOf(run);
  const unknown = all.filter((host) => !isKnown(host));
  const known = all.filter(isKnown).map((host) => machineOf(host));
  if (unknown.length === 0) return { controllers: known };
  const lines = controllerLines(before.slurm);
  const isOfBefore = lines.length === all.length && known.every(({ hostname }) => lines.some((line) => line.includes(`=${hostname}(`)));
  if (isOfBefore) return { controllers: known, keptControllers: lines };
  throw new ProvisionError(
    `${unknown.map(({ host }) => host.name).join(', ')}: a controller of Slurm that has failed in this run, and that the configuration there is does not have yet. Mend that host, or take it out of [slurm_controller]; then run the same command again.`,
  );
}

/**
 * A host as slurm.conf names it. What it says of itself goes into a configuration: only what is a name does.
 * @throws ProvisionError
 */
export function machineOf(host: HostRun): SlurmMachine {
  const { name } = host.host;
  const hostname = factsOf(host).hostname.split('.')[0] ?? '';
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/u.test(hostname)) throw new ProvisionError(`${name} has a hostname that Slurm cannot use.`);
  if (host.address === undefined) throw new ProvisionError(`${name} has no address in the cluster's network. Set my_iface for it.`);
  return { name, hostname, address: host.address };
}
