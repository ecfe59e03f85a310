import { describe, expect, it } from 'vitest';
import { controllerLines, keptLine, type SlurmCluster, slurmFiles } from './slurm-conf.ts';

const hardware = { cpus: 8, sockets: 1, coresPerSocket: 4, threadsPerCore: 2, memoryMib: 15_872, gpus: 0, isContainer: false };
const machine = (name: string, address: string) => ({ name, hostname: name, address });
const cluster: SlurmCluster = {
  clusterName: 'muster',
  controllers: [machine('boss', '10.0.0.10')],
  stateFolder: '/var/lib/slurm/slurmctld',
  nodes: [
    { ...machine('web2', '10.0.0.12'), hardware: { ...hardware, gpus: 4 } },
    { ...machine('web1', '10.0.0.11'), hostname: 'w-1', hardware },
  ],
  keptLines: [],
  keptGres: [],
  wereContainers: false,
};
const contentOf = (change: Partial<SlurmCluster>, name = 'slurm.conf') =>
  slurmFiles({ ...cluster, ...change }).find(({ path }) => path.endsWith(name))?.content ?? '';

describe('the configuration of Slurm', () => {
  it('names controller and nodes, in the order of their names', () => {
    const lines = contentOf({}).split('\n');
    expect(lines).toContain('SlurmctldHost=boss(10.0.0.10)');
    expect(lines.filter((line) => line.startsWith('NodeName='))).toEqual([
      'NodeName=web1 NodeHostname=w-1 NodeAddr=10.0.0.11 CPUs=8 Sockets=1 CoresPerSocket=4 ThreadsPerCore=2 RealMemory=15872',
      'NodeName=web2 NodeHostname=web2 NodeAddr=10.0.0.12 CPUs=8 Sockets=1 CoresPerSocket=4 ThreadsPerCore=2 RealMemory=15872 Gres=gpu:4',
    ]);
    expect(lines.indexOf('Include /etc/slurm/local.conf')).toBeLessThan(lines.findIndex((line) => line.startsWith('NodeName=')));
  });

  it('is the same for the same cluster, in whatever order its nodes come', () => {
    expect(contentOf({ nodes: cluster.nodes.toReversed() })).toBe(contentOf({}));
  });

  it('names a backup controller after the first', () => {
    const text = contentOf({ controllers: [...cluster.controllers, machine('spare', '10.0.0.9')] });
    expect(text).toContain('SlurmctldHost=boss(10.0.0.10)\nSlurmctldHost=spare(10.0.0.9)\nStateSaveLocation=/var/lib/slurm/slurmctld\n');
  });

  it('has the folder that controllers share, and their lines from before where those are kept', () => {
    const text = contentOf({
      stateFolder: '/srv/state',
      keptControllers: ['SlurmctldHost=old(10.0.0.8)', 'SlurmctldHost=boss(10.0.0.10)'],
    });
    expect(text).toContain('SlurmctldHost=old(10.0.0.8)\nSlurmctldHost=boss(10.0.0.10)\nStateSaveLocation=/srv/state\n');
  });

  it('confines jobs by control groups, and does not try to in containers', () => {
    expect(contentOf({})).toContain('ProctrackType=proctrack/cgroup');
    const inContainer = contentOf({ nodes: [{ ...machine('a', '10.0.0.1'), hardware: { ...hardware, isContainer: true } }] });
    expect(inContainer).toContain('ProctrackType=proctrack/linuxproc');
    expect(inContainer).not.toContain('cgroup');
    expect(contentOf({ wereContainers: true })).toContain('ProctrackType=proctrack/linuxproc');
  });

  it('has the devices of graphics cards in gres.conf', () => {
    expect(contentOf({}, 'gres.conf').split('\n').slice(1)).toEqual(['NodeName=web2 Name=gpu File=/dev/nvidia[0-3]', '']);
    const one = contentOf({ nodes: [{ ...machine('a', '10.0.0.1'), hardware: { ...hardware, gpus: 1 } }] }, 'gres.conf');
    expect(one).toContain('NodeName=a Name=gpu File=/dev/nvidia0\n');
  });

  it('keeps nodes that cannot be looked at', () => {
    const line = 'NodeName=web3 NodeHostname=web3 NodeAddr=10.0.0.13 CPUs=1';
    const text = contentOf({ keptLines: [line], keptGres: ['NodeName=web3 Name=gpu File=/dev/nvidia0'] });
    expect(text.split('\n').filter((one) => one.startsWith('NodeName='))).toHaveLength(3);
    expect(text).toContain(`${line}\n`);
    expect(contentOf({ keptGres: ['NodeName=web3 Name=gpu File=/dev/nvidia0'] }, 'gres.conf')).toContain('NodeName=web3 Name=gpu');
  });
});

describe('the lines of controllers', () => {
  it('are found again, in their order', () => {
    const controllers = [...cluster.controllers, machine('spare', '10.0.0.9')];
    expect(controllerLines(contentOf({ controllers }))).toEqual(['SlurmctldHost=boss(10.0.0.10)', 'SlurmctldHost=spare(10.0.0.9)']);
    expect(controllerLines('')).toEqual([]);
  });
});

describe('keptLine', () => {
  const before = '# NodeName=web1\nNodeName=web10 CPUs=1\nNodeName=web1 CPUs=2\n';
  it.each([
    ['web1', 'NodeName=web1 CPUs=2'],
    ['web10', 'NodeName=web10 CPUs=1'],
    ['web2', undefined],
  ])('%s', (name, line) => expect(keptLine(before, name)).toBe(line));
  it('finds nothing in nothing', () => expect(keptLine('', 'web1')).toBeUndefined());
});
