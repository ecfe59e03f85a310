import { factsOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { keptLine, slurmFiles, type SlurmMachine } from './slurm-conf.ts';

/** What the configuration was before this run, as its controller has it; empty where it had none. */
export type ConfigurationBefore = { readonly slurm: string; readonly gres: string };

/**
 * The files of the cluster of a run: from the nodes that were looked at, and for the others, which the run names as failed, from what was
 * configured before. Undefined while a node is yet to say what it has, which is so in a dry run only.
 */
export function sharedFiles(run: Run, before: ConfigurationBefore): ManagedFile[] | undefined {
  const members = (role: 'slurm-controller' | 'slurm-node'): HostRun[] => run.hosts.filter(({ host }) => host.roles.includes(role));
  const all = members('slurm-node').toSorted((a, b) => (a.host.name < b.host.name ? -1 : 1));
  const nodes = all.flatMap((host) =>
    host.failed === true || host.slurm === undefined ? [] : [{ ...machineOf(host), hardware: host.slurm }],
  );
  // Hosts outside --limit are not asked what they have: their lines stay, as those of hosts that failed.
  const away = all
    .filter(({ failed, slurm, part }) => failed === true || (part !== undefined && slurm === undefined))
    .map(({ host }) => host.name);
  if (nodes.length + away.length < all.length) return undefined;
  const controllers = members('slurm-controller');
  const [first] = controllers;
  return slurmFiles({
    clusterName: (first === undefined ? undefined : textVariable(first.host, 'slurm_cluster_name')) ?? 'muster',
    controllers: controllers.map((host) => machineOf(host)),
    nodes,
    keptLines: away.flatMap((name) => keptLine(before.slurm, name) ?? []),
    wereContainers: away.length > 0 && before.slurm.includes('proctrack/linuxproc'),
    keptGres: away.flatMap((name) => keptLine(before.gres, name) ?? []),
  });
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
