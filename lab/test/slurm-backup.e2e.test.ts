import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { sharedFolder } from '../src/shared-folder.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { packageFolder } from '../src/package-folder.ts';

const lab = openLab({ name: `backup-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const names = ['node1', 'node2', 'node3'];
const controllers = ['node1', 'node2'];
const before = new Map<string, string[]>();
const inFolder = (name: string) => readdirSync(sharedFolder(lab.settings, name));

beforeAll(async () => {
  await lab.down();
  await lab.up(3);
  const folder = await packageFolder(lab, ['slurmctld', 'slurmd', 'slurm-client', 'munge']);
  for (const host of controllers) await lab.share(host, 'later', '/srv/later');
  await lab.share('node1', 'state', '/srv/state');
  await lab.share('node2', 'not-the-same', '/srv/state');
  for (const name of names) before.set(name, await hostState(cluster, name));
  cluster.setVariables(`install_slurm=yes\nmuster_packages=${folder}\nslurm_state_folder=/srv/state\n[slurm_controller]\nnode1\nnode2`);
});

afterAll(() => lab.down());

const pings = () => cluster.on('node2', 'scontrol ping');
const startTimes = () =>
  Promise.all(names.map((name) => cluster.on(name, 'systemctl show -p ExecMainStartTimestampMonotonic munge slurmctld slurmd')));
/** Submits a job that goes on until it is cancelled, and waits for its process: a controller says RUNNING before it has asked the node. Its number. */
async function longJob(): Promise<string> {
  const id = await cluster.on('node1', 'sbatch --parsable -w node3 -o /dev/null --wrap "sleep 3000"');
  await expect.poll(() => cluster.on('node3', 'pgrep -fc "^sleep 3000" || true'), { timeout: 60_000, interval: 500 }).toBe('1');
  return id;
}
const jobState = (id: string) => cluster.on('node2', `squeue -h -j ${id} -o %T`);

/** The tests stand in the order of a cluster's life and build on each other. */
describe('two controllers of Slurm', () => {
  it('are refused without a folder that both mount, before anything is asked', async () => {
    const seen = await cluster.operator('apply', '-e', 'slurm_state_folder=');
    expect(seen.code).not.toBe(0);
    expect(seen.stderr).toMatch(/controllers node1 and node2\..*set slurm_state_folder/su);
  });

  it('are not started where the folder is not the same one on both', async () => {
    const { code, finished } = await cluster.applyJson('--only', 'slurm-packages,slurm-state,slurm-controller,slurm-nodes');
    expect({ code, ...finished }).toMatchObject({ code: 1, failed: 3 });
    expect(JSON.stringify(finished)).toContain('/srv/state on node2 is not the folder that node1 has there');
    for (const host of controllers)
      expect(await cluster.on(host, 'systemctl is-active slurmctld; ls /etc/slurm/slurm.conf 2>/dev/null; true')).toBe('inactive');
    expect(inFolder('not-the-same')).toEqual([]);
    await lab.share('node2', 'state', '/srv/state');
  });

  it('are both up, the backup made first, and a job comes back from each node', async () => {
    const { code, events, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 3, failed: 0, failures: [] });
    expect(await pings()).toMatch(/\(primary\) at node1 is UP\n.*\(backup\) at node2 is UP/u);
    const order = events.filter((event) => event['phase'] === 'slurm-controller' && event['host'] !== undefined);
    expect(order.map((event) => event['host'])).toEqual(['node2', 'node1']);
    expect((await cluster.on('node3', 'srun -N2 hostname')).split('\n').toSorted()).toEqual(['node2', 'node3']);
    expect(await cluster.on('node3', 'grep ^SlurmctldHost /etc/slurm/slurm.conf')).toMatch(/=node1\(.*\)\nSlurmctldHost=node2\(/u);
    expect(inFolder('state')).toContain('clustername');
    const keys = await Promise.all(names.map((name) => cluster.on(name, 'sha256sum < /etc/munge/munge.key')));
    expect(new Set(keys).size).toBe(1);
  });

  it('are left alone by a second run', async () => {
    const times = await startTimes();
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
    expect(await startTimes()).toEqual(times);
  });

  it('stand in for each other: the primary is killed, and its job and srun go on through the backup', async () => {
    const job = await longJob();
    expect(await jobState(job)).toBe('RUNNING');
    // What a controller has not written down yet when it is killed is gone: it writes every few seconds.
    const sinceMs = Date.now();
    const writtenMs = () => statSync(join(sharedFolder(lab.settings, 'state'), 'job_state')).mtimeMs;
    await cluster.on('node1', 'scontrol reconfigure');
    await expect.poll(writtenMs, { timeout: 60_000, interval: 500 }).toBeGreaterThan(sinceMs);
    await cluster.on('node1', 'systemctl kill -s KILL slurmctld');
    await expect.poll(pings, { timeout: 30_000, interval: 500 }).toMatch(/\(primary\) at node1 is DOWN/u);
    await cluster.on('node2', 'scontrol takeover');
    // What is asked while the backup takes over waits for the primary first: each try is short, and there are several.
    const answers = () => cluster.on('node2', 'timeout 30 srun -w node2 hostname || true');
    await expect.poll(answers, { timeout: 240_000, interval: 1000 }).toBe('node2');
    expect(await cluster.on('node1', 'srun -w node3 hostname')).toBe('node3');
    expect(await jobState(job)).toBe('RUNNING');
    await cluster.on('node1', `scancel ${job}`);
  });

  it('are both there again after the next run, and the one after that changes nothing', async () => {
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 1, failed: 0 });
    expect(await pings()).toMatch(/\(primary\) at node1 is UP\n.*\(backup\) at node2 is UP/u);
    expect(await cluster.on('node2', 'srun -N2 hostname | wc -l')).toBe('2');
  });

  it('take their state along to another folder, with the jobs that run', async () => {
    // A node that told of its jobs while no controller was in charge goes on trying for a minute, and tells then of those it had at that time.
    await cluster.on('node3', 'systemctl kill -s KILL slurmd; systemctl start slurmd');
    const job = await longJob();
    expect(await jobState(job)).toBe('RUNNING');
    cluster.setVariables('slurm_state_folder=/srv/later');
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, failed: 0 });
    expect(inFolder('later')).toEqual(expect.arrayContaining(['clustername', 'job_state']));
    await expect.poll(() => jobState(job), { timeout: 60_000, interval: 500 }).toBe('RUNNING');
    await cluster.on('node1', `scancel ${job}`);
  });

  // After the move: while a controller has lost its power, a node's registration can hang for a minute, and tells then of the jobs there were before.
  it('do not start without the folder', async () => {
    await cluster.on('node2', 'systemctl stop slurmctld; umount /srv/later; systemctl start slurmctld; true');
    await expect.poll(() => cluster.on('node2', 'systemctl is-active slurmctld; true'), { timeout: 20_000, interval: 500 }).toBe('failed');
    await lab.kill('node2');
    await lab.start('node2');
    await expect.poll(pings, { timeout: 60_000, interval: 1000 }).toMatch(/\(primary\) at node1 is UP\n.*\(backup\) at node2 is UP/u);
  });

  it('leave one by one: what the other still works with stays', async () => {
    const reset = await cluster.operator('reset', '--yes', '--limit', 'node2');
    expect(reset).toMatchObject({ code: 0 });
    // The folders are the other controller's too, which still works with one of them.
    const own = (state: readonly string[]) => state.filter((line) => !line.startsWith('/srv/'));
    expect(own(await hostState(cluster, 'node2'))).toEqual(own(before.get('node2') ?? []));
    expect(inFolder('later')).toContain('clustername');
    expect(await cluster.on('node1', 'srun -w node3 hostname')).toBe('node3');
  });

  it('are taken away with everything else: hosts and folders are as they were before', async () => {
    const reset = await cluster.operator('reset', '--yes');
    expect(reset.stdout).toContain('3 hosts: 2 changed');
    expect(reset.code).toBe(0);
    for (const name of names) expect(await hostState(cluster, name)).toEqual(before.get(name));
    for (const name of ['state', 'later']) {
      expect(inFolder(name)).toEqual([]);
      const { uid, gid, mode } = statSync(sharedFolder(lab.settings, name));
      expect([uid, gid, mode & 0o777]).toEqual([0, 0, 0o755]);
    }
    expect((await cluster.operator('reset', '--yes')).stdout).toContain('3 hosts: nothing changed');
  });
});
