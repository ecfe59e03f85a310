import type { ManagedFile } from '../host/managed-file.ts';
import type { SlurmHardware } from './hardware.ts';

/** A machine as slurm.conf names it. */
export type SlurmMachine = { readonly name: string; readonly hostname: string; readonly address: string };

/** What the configuration of a cluster is made of. */
export type SlurmCluster = {
  readonly clusterName: string;
  /** The first one is the primary. */
  readonly controllers: readonly SlurmMachine[];
  /** Their lines from before, where not all of them can be looked at in this run. */
  readonly keptControllers?: readonly string[] | undefined;
  /** Where they keep their state. */
  readonly stateFolder: string;
  readonly nodes: readonly (SlurmMachine & { readonly hardware: SlurmHardware })[];
  /** Lines of nodes that cannot be looked at in this run and were configured before, of slurm.conf and of gres.conf. */
  readonly keptLines: readonly string[];
  readonly keptGres: readonly string[];
  /** Whether nodes that cannot be looked at were confined as containers are. */
  readonly wereContainers: boolean;
};

export const slurmConfPath = '/etc/slurm/slurm.conf';
/** What the controller knows of jobs and nodes, where no folder is shared. */
export const slurmStateFolder = '/var/lib/slurm/slurmctld';
export const gresConfPath = '/etc/slurm/gres.conf';
/** Read by slurm.conf, and the administrator's own: a run makes it once, empty. */
export const slurmLocalPath = '/etc/slurm/local.conf';
/** By its first words a run knows the files that it may replace. */
export const slurmMarker = '# Written by "muster apply"';
const marker = `${slurmMarker} from what the nodes have. Lines of your own stand in /etc/slurm/local.conf.\n`;

/** The files that are the same on every machine of the cluster. Nodes are in the order of their names. Pure. */
export function slurmFiles(cluster: SlurmCluster): ManagedFile[] {
  const inContainers = cluster.wereContainers || cluster.nodes.some(({ hardware }) => hardware.isContainer);
  return [
    { path: slurmConfPath, mode: 0o644, content: slurmConf(cluster, inContainers) },
    { path: '/etc/slurm/cgroup.conf', mode: 0o644, content: `${marker}ConstrainCores=yes\nConstrainRAMSpace=yes\nConstrainDevices=yes\n` },
    {
      path: gresConfPath,
      mode: 0o644,
      content: marker + withNewlines([...cluster.nodes.flatMap(gresLine), ...cluster.keptGres].toSorted()),
    },
  ];
}

function slurmConf(cluster: SlurmCluster, inContainers: boolean): string {
  const lines = [
    `ClusterName=${cluster.clusterName}`,
    ...(cluster.keptControllers ?? cluster.controllers.map(({ hostname, address }) => `SlurmctldHost=${hostname}(${address})`)),
    `StateSaveLocation=${cluster.stateFolder}`,
    ...settings,
    ...(inContainers
      ? ['ProctrackType=proctrack/linuxproc', 'TaskPlugin=task/none', 'JobAcctGatherType=jobacct_gather/none']
      : ['ProctrackType=proctrack/cgroup', 'TaskPlugin=task/cgroup,task/affinity', 'JobAcctGatherType=jobacct_gather/cgroup']),
    `Include ${slurmLocalPath}`,
    ...nodeLines(cluster),
    'PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP',
  ];
  return `${marker}${lines.join('\n')}\n`;
}

const settings = [
  'AuthType=auth/munge',
  'SlurmUser=slurm',
  'SlurmdSpoolDir=/var/lib/slurm/slurmd',
  'SlurmctldLogFile=/var/log/slurm/slurmctld.log',
  'SlurmdLogFile=/var/log/slurm/slurmd.log',
  'SlurmctldPidFile=/run/slurmctld.pid',
  'SlurmdPidFile=/run/slurmd.pid',
  'SchedulerType=sched/backfill',
  'SelectType=select/cons_tres',
  'SelectTypeParameters=CR_Core',
  // A node that was away, or was switched off, works again as soon as it is back with what it should have.
  'ReturnToService=2',
  'MpiDefault=none',
  'GresTypes=gpu',
];

const nodeLines = ({ nodes, keptLines }: SlurmCluster): string[] => [...nodes.map(nodeLine), ...keptLines].toSorted();

function nodeLine({ name, hostname, address, hardware }: SlurmCluster['nodes'][number]): string {
  const { cpus, sockets, coresPerSocket, threadsPerCore, memoryMib, gpus } = hardware;
  return [
    `NodeName=${name}`,
    `NodeHostname=${hostname}`,
    `NodeAddr=${address}`,
    `CPUs=${cpus}`,
    `Sockets=${sockets}`,
    `CoresPerSocket=${coresPerSocket}`,
    `ThreadsPerCore=${threadsPerCore}`,
    `RealMemory=${memoryMib}`,
    ...(gpus > 0 ? [`Gres=gpu:${gpus}`] : []),
  ].join(' ');
}

const gresLine = ({ name, hardware: { gpus } }: SlurmCluster['nodes'][number]): string[] =>
  gpus === 0 ? [] : [`NodeName=${name} Name=gpu File=/dev/nvidia${gpus === 1 ? '0' : `[0-${gpus - 1}]`}`];

const withNewlines = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** The line of a node in a configuration from before; undefined where there is none. */
export const keptLine = (before: string, name: string): string | undefined =>
  before.split('\n').find((line) => line.split(' ')[0] === `NodeName=${name}`);

/** The lines of the controllers in a configuration from before. */
export const controllerLines = (before: string): string[] => before.split('\n').filter((line) => line.startsWith('SlurmctldHost='));
