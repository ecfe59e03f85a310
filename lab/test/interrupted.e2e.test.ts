import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { packageFolder } from '../src/package-folder.ts';

const lab = openLab({ name: `interrupted-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const names = ['node1', 'node2'];
const before = new Map<string, string[]>();

const preparedVariables = `
host_files=[{'path': '/etc/new-place/a.conf', 'content': 'a', 'mode': '0600', 'restarts': ['cron']}, {'path': '/etc/motd', 'content': 'b'}]
host_services=[{'name': 'nftables', 'state': 'started', 'enabled': True}]
host_sysctls={'net.ipv4.ip_forward': 1, 'net.ipv4.conf.all.rp_filter': 2}`;

beforeAll(async () => {
  await lab.down();
  await lab.up(2);
  const folder = await packageFolder(lab, ['slurmctld', 'slurmd', 'slurm-client', 'munge']);
  cluster.setVariables(`install_slurm=yes\nmuster_packages=${folder}\n${preparedVariables}`);
  for (const name of names) before.set(name, await hostState(cluster, name));
});

afterAll(() => lab.down());

const isStartOf = (phase: string) => (event: Record<string, unknown>) => event['event'] === 'phase-started' && event['phase'] === phase;

/** Every phase that changes something is killed at its start and, where it acts for longer, in its middle. */
const kills: readonly (readonly [phase: string, waitMs: number])[] = [
  ['connect', 0],
  ['detect', 0],
  ['preflight', 0],
  ['prepare', 100],
  ['prepare', 400],
  ['stage', 300],
  ['stage', 1200],
  ['server', 300],
  ['server', 1500],
  ['agent', 300],
  ['agent', 1200],
  ['enrol', 500],
  ['control', 300],
  ['slurm-packages', 300],
  ['slurm-packages', 2500],
  ['slurm-controller', 200],
  ['slurm-controller', 800],
  ['slurm-nodes', 200],
  ['slurm-nodes', 800],
  ['verify', 0],
];

/** The tests stand in order and build on each other. */
describe('a run that is killed with kill -9', () => {
  it.each(kills)('in the phase %s, after %i ms', async (phase, waitMs) => {
    expect(await cluster.killedWhen('apply', isStartOf(phase), waitMs)).toBe(true);
  });

  it('goes on after all of that: every node good, jobs run, and the next run changes nothing', async () => {
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, failed: 0, failures: [] });
    for (const node of (await cluster.nodes()).values()) expect(node.health.state).toBe('good');
    expect(await cluster.on('node1', 'srun -w node2 hostname')).toBe('node2');
    const again = await cluster.applyJson();
    expect({ code: again.code, ...again.finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
  });

  it.each([
    ['services', 200],
    ['packages', 300],
    ['packages', 1200],
    ['traces', 30],
  ] as const)('of a reset in the phase %s, after %i ms', async (phase, waitMs) => {
    expect(await cluster.killedWhen('reset', isStartOf(phase), waitMs)).toBe(true);
  });

  it('of a reset goes on, and leaves the hosts as they were before', async () => {
    const { code, stdout } = await cluster.operator('reset', '--yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('2 hosts:')]);
    for (const name of names) expect(await hostState(cluster, name)).toEqual(before.get(name));
  });
});
