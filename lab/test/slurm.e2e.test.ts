import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { packageFolder } from '../src/package-folder.ts';

const lab = openLab({ name: `slurm-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const names = ['node1', 'node2', 'node3'];
const before = new Map<string, string[]>();

beforeAll(async () => {
  await lab.down();
  await lab.up(3);
  const folder = await packageFolder(lab, ['slurmctld', 'slurmd', 'slurm-client', 'munge']);
  cluster.setVariables(`install_slurm=yes\nmuster_packages=${folder}`);
  for (const name of names) before.set(name, await hostState(cluster, name));
});

afterAll(() => lab.down());

const slurmConf = () => cluster.on('node1', 'cat /etc/slurm/slurm.conf');
const startTimes = (host: string) =>
  cluster.on(host, 'systemctl show -p ExecMainStartTimestampMonotonic munge.service slurmctld.service slurmd.service muster-agent.service');

/** The tests stand in the order of a cluster's life and build on each other. */
describe('Slurm of muster apply, on hosts without internet', () => {
  it('is told in a dry run, and nothing is changed', async () => {
    const { code, events } = await cluster.applyJson('--dry-run');
    expect(code).toBe(0);
    const told = events.filter((event) => event['status'] === 'would-change').flatMap((event) => event['changes'] as { what: string }[]);
    expect(told.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^install munge, slurm-client, slurmctld from \//u),
        'make the munge key',
        'take the munge key of the controller',
        'start slurmd.service',
      ]),
    );
    for (const name of names) expect(await hostState(cluster, name)).toEqual(before.get(name));
  });

  it('runs jobs: sinfo shows the nodes idle, srun hostname answers from both', async () => {
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 3, failed: 0, failures: [] });
    expect(await cluster.on('node1', 'sinfo -h -o "%D %T %N"')).toBe('2 idle node[2-3]');
    const answers = await cluster.on('node1', 'srun -N2 hostname');
    expect(answers.split('\n').toSorted()).toEqual(['node2', 'node3']);
    for (const node of (await cluster.nodes()).values()) expect(node.health.state).toBe('good');
  });

  it('changes nothing in a second run, and restarts nothing', async () => {
    const state = async () => Promise.all(names.map((name) => startTimes(name)));
    const times = await state();
    const conf = await slurmConf();
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
    expect(await state()).toEqual(times);
    expect(await slurmConf()).toBe(conf);
  });

  it('keeps the munge key to root and munge, the same everywhere, and out of the journal', async () => {
    const look = 'stat -c "%a %U" /etc/munge/munge.key; sha256sum < /etc/munge/munge.key';
    const seen = await Promise.all(names.map((name) => cluster.on(name, look)));
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toMatch(/^600 munge\n/u);
    const key = await cluster.on('node1', 'base64 -w 0 < /etc/munge/munge.key');
    for (const name of names) {
      const journal = await cluster.on(name, 'journalctl --no-pager -o cat');
      expect(journal.includes(key.slice(0, 40))).toBe(false);
    }
  });

  it('keeps a node in the configuration that cannot be reached', async () => {
    const conf = await slurmConf();
    await lab.kill('node3');
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 1, failed: 1 });
    expect(await slurmConf()).toBe(conf);
    await lab.start('node3');
    await expect
      .poll(() => cluster.on('node1', 'sinfo -h -N -n node3 -o %T | head -n 1'), { timeout: 90_000, interval: 1000 })
      .toBe('idle');
  });

  it('makes a daemon whole that was stopped, and a file that was changed', async () => {
    await cluster.on('node2', 'systemctl stop slurmd; echo broken >> /etc/slurm/slurm.conf');
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 1, failed: 0 });
    expect(await cluster.on('node1', 'srun -w node2 hostname')).toBe('node2');
  });

  it('lets the jobs of a node end before the node leaves', async () => {
    await cluster.on('node1', 'sbatch -w node2 -o /dev/null --wrap "sleep 8; touch /var/tmp/job-ended"');
    await expect.poll(() => cluster.on('node1', 'squeue -h -o "%T"'), { timeout: 30_000, interval: 500 }).toBe('RUNNING');
    const reset = await cluster.operator('reset', '--yes', '--limit', 'node2', '-o', 'json');
    expect(reset.code).toBe(0);
    expect(await cluster.on('node2', 'ls /var/tmp/job-ended; rm /var/tmp/job-ended')).toBe('/var/tmp/job-ended');
    expect(await hostState(cluster, 'node2')).toEqual(before.get('node2'));
    expect([...(await cluster.nodes()).keys()]).toEqual(['node1', 'node3']);
    expect(await cluster.on('node1', 'srun -w node3 hostname')).toBe('node3');
  });

  it('refuses to reset the management server under a node that stays', async () => {
    const seen = await cluster.operator('reset', '--yes', '--limit', 'node1');
    expect(seen.code).toBe(1);
    expect(seen.stderr).toMatch(/node1 runs the management server of node2, node3/u);
  });

  it('is taken away with everything else: the hosts are as they were before', async () => {
    await cluster.applyJson();
    expect((await cluster.operator('reset', '--dry-run')).stdout).toContain('nothing was changed');
    const reset = await cluster.operator('reset', '--yes');
    expect(reset.stdout).toContain('3 hosts: 3 changed');
    expect(reset.code).toBe(0);
    for (const name of names) expect(await hostState(cluster, name)).toEqual(before.get(name));
    const again = await cluster.operator('reset', '--yes');
    expect(again.stdout).toContain('3 hosts: nothing changed');
    expect(again.code).toBe(0);
  });
});
