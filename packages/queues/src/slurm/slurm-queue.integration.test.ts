import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSlurm, type TestSlurm } from '../../test/slurm-fixture.ts';
import { slurmPrograms } from './slurm-programs.ts';
import { SlurmQueue } from './slurm-queue.ts';

let slurm: TestSlurm;
let queue: SlurmQueue;
beforeAll(async () => {
  slurm = await startSlurm();
  queue = queueOn(slurm);
});
afterAll(() => slurm.stop());
afterEach(async () => {
  await slurm.run('scancel', '-u', 'root');
  await expect.poll(() => slurm.run('squeue', '-h'), within).toBe('');
  for (const { name, drain } of (await look()).nodes)
    if (drain !== null) await slurm.run('scontrol', 'update', `NodeName=${name}`, 'State=RESUME');
});

const within = { timeout: 30_000, interval: 200 };
const queueOn = ({ configuration }: TestSlurm, pools: Map<string, string[]> | null = null) =>
  new SlurmQueue({ name: 'lab', pools, programs: slurmPrograms({ queue: 'lab', configuration, timeoutMs: 3000 }) });
const look = () => queue.observe(new AbortController().signal);
const nodeNow = async (name: string) => (await look()).nodes.find((node) => node.name === name);
const mebibyte = 1024 ** 2;

describe('a real Slurm as a queue', () => {
  it('tells what waits for machines, what does not, and what runs where', async () => {
    const runs = await slurm.submit('-n', '1', '-c', '2', '--mem=500', '-w', 'n1');
    await expect.poll(async () => (await nodeNow('n1'))?.running.map(({ jobId }) => jobId), within).toEqual([runs]);
    const big = await slurm.submit('-N', '4', '-n', '8', '-c', '2', '--mem=2000', '--gres=gpu:1', '-C', 'small');
    const held = await slurm.submit('--hold');
    const after = await slurm.submit('-d', `afterok:${runs}`);
    const array = await slurm.submit('--array=1-4%2', '-N', '9');
    const either = await slurm.submit('-C', 'small*2', '-N', '9');
    const { jobs, aside, nodes } = await look();
    expect(jobs.filter(({ id }) => id === big)).toMatchObject([
      { nodes: 4, cores: 4, memoryBytes: 2000 * mebibyte, gpus: 1, features: ['small'], exclusive: false, pools: [] },
    ]);
    expect(jobs.map(({ id }) => id).filter((id) => id.startsWith(`${array}_`))).toEqual([`${array}_1`, `${array}_2`]);
    const because = Object.fromEntries(aside.map((one) => [one.id, one.because]));
    expect(because).toMatchObject({ [held]: 'held', [after]: 'waits', [array]: 'limit', [either]: 'not-understood' });
    expect(jobs.some(({ id }) => [held, after, either, runs].includes(id))).toBe(false);
    expect(nodes.map(({ name, cores, gpus, features }) => [name, cores, gpus, features])).toEqual(
      ['n1', 'n2', 'n3'].map((name) => [name, 4, 2, ['small']]),
    );
    expect(nodes[0]).toMatchObject({ state: 'busy', running: [{ jobId: runs, cores: 2, memoryBytes: 500 * mebibyte }] });
    expect(nodes[1]).toMatchObject({ state: 'idle', running: [], drain: null });
  });

  it('gives a job that names no memory what its configuration does', async () => {
    const job = await slurm.submit('-N', '9', '-c', '2');
    expect((await look()).jobs.find(({ id }) => id === job)).toMatchObject({ memoryBytes: 200 * mebibyte, exclusive: false });
    const whole = await slurm.submit('-N', '9', '--exclusive');
    expect((await look()).jobs.find(({ id }) => id === whole)).toMatchObject({ exclusive: true });
  });

  it('has demand only in the partitions that are Muster’s', async () => {
    const [ours, theirs] = [await slurm.submit('-N', '9', '-p', 'main'), await slurm.submit('-c', '9', '-p', 'other', '--hold')];
    const { jobs, aside } = await queueOn(slurm, new Map([['main', ['cloud']]])).observe(new AbortController().signal);
    expect(jobs.find(({ id }) => id === ours)?.pools).toEqual(['cloud']);
    expect(aside.find(({ id }) => id === theirs)?.because).toBe('elsewhere');
  });

  it('drains a node and gives it back, but never what a person has drained', async () => {
    await queue.drain('n2', 'not needed');
    expect(await nodeNow('n2')).toMatchObject({ drain: 'planner', state: 'idle', reason: expect.stringContaining('not needed') as string });
    await queue.drain('n2', 'not needed');
    await queue.resume('n2');
    await expect.poll(async () => (await nodeNow('n2'))?.drain, within).toBeNull();
    await slurm.run('scontrol', 'update', 'NodeName=n2', 'State=DRAIN', 'Reason=noisy disk');
    await queue.drain('n2', 'not needed');
    await queue.resume('n2');
    expect(await nodeNow('n2')).toMatchObject({ drain: 'person', reason: 'noisy disk' });
  });

  it('puts the jobs of a lost node back into the queue, once', async () => {
    const job = await slurm.submit('-w', 'n3', '--requeue');
    await expect.poll(async () => (await nodeNow('n3'))?.state, within).toBe('busy');
    await slurm.killNode('n3');
    await queue.lose('n3', 'its machine is gone');
    await queue.lose('n3', 'its machine is gone');
    await expect.poll(async () => (await slurm.run('squeue', '-h', '-j', job, '-o', '%T')).trim(), within).toBe('PENDING');
    expect(await slurm.run('scontrol', 'show', 'job', job)).toContain('Restarts=1');
    await expect.poll(() => nodeNow('n3'), within).toMatchObject({ state: 'down', running: [] });
    slurm.startNode('n3');
    await slurm.run('scancel', job);
    // It comes back by itself when its daemon says that it is there (ReturnToService=2).
    await expect.poll(async () => (await nodeNow('n3'))?.state, within).toBe('idle');
  });

  it('forgets a node that was made for one machine, and nothing where there is none', async () => {
    await slurm.run('scontrol', 'create', 'NodeName=d1', 'CPUs=8', 'RealMemory=8000', 'State=CLOUD');
    expect(await nodeNow('d1')).toMatchObject({ cores: 8, state: null });
    await queue.forget('d1');
    await queue.forget('d1');
    await queue.drain('d1', 'gone').catch((error: unknown) => expect(error).toMatchObject({ failure: 'refused' }));
    expect(await nodeNow('d1')).toBeUndefined();
  });

  it('takes a job away, and is content where it is gone', async () => {
    const job = await slurm.submit('-N', '9');
    await queue.cancel(job, 'no machine has so many cores');
    await queue.cancel(job, 'no machine has so many cores');
    await expect.poll(async () => (await look()).jobs, within).toEqual([]);
    await queue.cancel('999999', 'never was');
  });

  it('says when it does not answer, in time', async () => {
    slurm.signalController('SIGSTOP');
    try {
      await expect(look()).rejects.toMatchObject({ name: 'QueueError', failure: 'no-answer' });
    } finally {
      slurm.signalController('SIGCONT');
    }
    await expect
      .poll(
        () =>
          look().then(
            () => 'answers',
            () => 'silent',
          ),
        within,
      )
      .toBe('answers');
    const nobody = new SlurmQueue({
      name: 'gone',
      pools: null,
      programs: slurmPrograms({ queue: 'gone', configuration: '/nonexistent', timeoutMs: 2000 }),
    });
    await expect(nobody.observe(new AbortController().signal)).rejects.toMatchObject({ name: 'QueueError' });
  });
});
