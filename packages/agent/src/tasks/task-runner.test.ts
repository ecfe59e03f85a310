import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { crashingFiles } from '../../test/enrolled-node.ts';
import { settle } from '../../test/fake-clock.ts';
import { goodResult, TaskBench } from '../../test/task-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { waitFor } from '../../test/wait-for.ts';
import { durableFiles, type DurableFiles } from '../state/durable-files.ts';
import { TaskJournal } from './task-journal.ts';

describe('a poison command', () => {
  it.each([
    ['throws', 'poison', {}],
    ['is of an unknown kind', 'nonsense', {}],
    ['has the name of what every object has', 'constructor', {}],
    ['has the name of a prototype', '__proto__', {}],
    ['is over its time before it begins', 'quick', { beginWithinSeconds: -1 }],
  ])('that %s does not block later ones', async (_what, kind, rest) => {
    const bench = await TaskBench.start();
    const [poison, next] = [bench.give(kind, rest), bench.give('quick')];
    expect(['failed', 'expired']).toContain(await bench.ended(poison));
    expect(await bench.ended(next)).toBe('succeeded');
  });

  it('that neither ends nor listens is left alone after a while, and the next one runs', async () => {
    const bench = await TaskBench.start();
    const [deaf, next] = [bench.give('deaf', { timeoutSeconds: 5 }), bench.give('quick')];
    await bench.begun(deaf);
    await bench.clock.pass(5_000);
    expect(bench.results()).toEqual([]);
    await bench.clock.pass(30_000);
    expect(await bench.ended(deaf)).toBe('unknown');
    expect(await bench.ended(next)).toBe('succeeded');
    bench.ends.get(deaf)?.(goodResult);
    await settle();
    expect(bench.results().filter((one) => one.startsWith(deaf))).toHaveLength(1);
  });

  it('of another lane does not hold up this one', async () => {
    const bench = await TaskBench.start();
    const slow = bench.give('held', { lane: 'environment' });
    await bench.begun(slow);
    expect(await bench.ended(bench.give('quick'))).toBe('succeeded');
    bench.ends.get(slow)?.(goodResult);
    expect(await bench.ended(slow)).toBe('succeeded');
  });

  it('whose result gets no answer does not keep later results back', async () => {
    const bench = await TaskBench.start();
    const [first, second] = [bench.give('quick'), bench.give('quick')];
    await waitFor(() => bench.results().length === 1, 'the first result');
    await waitFor(() => bench.lines.filter((line) => line.includes('task ended')).length === 2, 'the end of the second');
    await settle();
    expect(bench.results()).toEqual([`${first} succeeded`]);
    await bench.clock.pass(20_000);
    expect(bench.results()).toEqual([`${first} succeeded`, `${second} succeeded`]);
    await bench.clock.pass(20_000);
    expect(bench.results().at(-1)).toBe(`${first} succeeded`);
  });
});

describe('tasks of one lane', () => {
  it('are done in order, one at a time', async () => {
    const bench = await TaskBench.start();
    const ids = [bench.give('held'), bench.give('quick'), bench.give('quick')];
    await bench.begun(ids[0] ?? '');
    expect(bench.ran).toEqual([ids[0]]);
    bench.ends.get(ids[0] ?? '')?.(goodResult);
    for (const id of ids) await bench.ended(id);
    expect(bench.ran).toEqual(ids);
  });

  it('that had to wait too long behind another are not begun', async () => {
    const bench = await TaskBench.start();
    const first = bench.give('held', { timeoutSeconds: 600 });
    const second = bench.give('quick', { beginWithinSeconds: 30 });
    await bench.begun(first);
    await bench.clock.pass(31_000);
    bench.ends.get(first)?.(goodResult);
    await bench.ended(first);
    expect(await bench.ended(second)).toBe('expired');
    expect(bench.ran).toEqual([first]);
  });
});

describe('a duplicated delivery', () => {
  it('runs once: whether it waits, runs, has ended or was told', async () => {
    const bench = await TaskBench.start();
    const id = randomUUID();
    for (let count = 0; count < 3; count += 1) bench.give('held', { id });
    await bench.begun(id);
    bench.give('held', { id });
    await settle();
    expect(bench.sent.filter((one) => one.type === 'task-taken')).toHaveLength(2);
    bench.ends.get(id)?.(goodResult);
    await waitFor(() => bench.results().length === 1, 'the result');
    bench.give('held', { id });
    await bench.ended(id);
    bench.give('held', { id, beginWithinSeconds: 0 });
    await waitFor(() => bench.results().length === 2, 'the recorded result again');
    expect(bench.ran).toEqual([id]);
    expect(new Set(bench.results())).toEqual(new Set([`${id} succeeded`]));
  });
});

describe('a cancelled task', () => {
  it('that runs is ended, and says so', async () => {
    const bench = await TaskBench.start();
    const id = bench.give('held');
    await bench.begun(id);
    bench.runner.received({ type: 'cancel-task', id });
    expect(await bench.ended(id)).toBe('cancelled');
  });

  it('that waits is answered at once and never begun', async () => {
    const bench = await TaskBench.start();
    const [first, second] = [bench.give('held'), bench.give('quick')];
    await bench.begun(first);
    bench.runner.received({ type: 'cancel-task', id: second });
    expect(await bench.ended(second)).toBe('cancelled');
    bench.ends.get(first)?.(goodResult);
    await bench.ended(first);
    expect(bench.ran).toEqual([first]);
  });

  it('that comes after its own cancellation is not begun', async () => {
    const bench = await TaskBench.start();
    const id = randomUUID();
    bench.runner.received({ type: 'cancel-task', id });
    expect(await bench.ended(id)).toBe('cancelled');
    bench.give('quick', { id });
    await settle();
    expect(bench.ran).toEqual([]);
  });

  it('that has ended is answered with how it ended', async () => {
    const bench = await TaskBench.start();
    const id = bench.give('quick');
    await bench.ended(id);
    bench.runner.received({ type: 'cancel-task', id });
    await waitFor(() => bench.results().length === 2, 'the answer');
    expect(bench.results()[1]).toBe(`${id} succeeded`);
  });
});

describe('an agent that is cut off', () => {
  it('goes on, and reports on return what ended meanwhile and what runs', async () => {
    const bench = await TaskBench.start();
    const ids = [bench.give('quick'), bench.give('quick'), bench.give('held')];
    bench.connected = false;
    await waitFor(() => bench.ran.length === 3, 'the third task');
    expect(bench.sent).toEqual([]);
    bench.connected = true;
    bench.runner.welcomed();
    for (const id of ids.slice(0, 2)) expect(await bench.ended(id)).toBe('succeeded');
    expect(bench.sent.filter((one) => one.type === 'task-taken')).toEqual([{ type: 'task-taken', id: ids[2] }]);
  });

  it('says a result again on the next connection when its answer was lost, and not once it was recorded', async () => {
    const bench = await TaskBench.start();
    const id = bench.give('quick');
    await waitFor(() => bench.results().length === 1, 'the result');
    bench.runner.welcomed();
    await waitFor(() => bench.results().length === 2, 'the result again');
    await bench.ended(id);
    bench.runner.welcomed();
    await settle();
    expect(bench.results()).toHaveLength(2);
  });
});

describe('a crash of the agent', () => {
  it('in the middle of a task leaves it unknown, and it is never run again', async () => {
    const crashed = await TaskBench.start();
    const id = crashed.give('held');
    await crashed.begun(id);
    const after = await TaskBench.start(crashed.folder);
    expect(await after.ended(id)).toBe('unknown');
    after.give('held', { id });
    expect(await after.ended(id)).toBe('unknown');
    expect(after.ran).toEqual([]);
    expect(await after.ended(after.give('quick'))).toBe('succeeded');
  });

  it('in the middle of one that may be repeated begins it anew', async () => {
    const crashed = await TaskBench.start();
    const id = crashed.give('again');
    await crashed.begun(id);
    const after = await TaskBench.start(crashed.folder);
    await after.begun(id);
    after.give('again', { id });
    after.ends.get(id)?.(goodResult);
    expect(await after.ended(id)).toBe('succeeded');
    expect(after.ran).toEqual([id]);
  });

  it.each(['before', 'after'] as const)('%s any write of the journal neither loses a result nor runs a task twice', async (when) => {
    for (let at = 2; at <= 5; at += 1) {
      const first = await TaskBench.start(temporaryFolder(), crashingFiles(at, when).files);
      const id = first.give('quick');
      await settle();
      await new Promise((resolve) => setTimeout(resolve, 50));
      first.runner.received({ type: 'task-recorded', id });
      await settle();
      // The process is gone; the server gives the task again, unless it has a result.
      const after = await TaskBench.start(first.folder);
      const known = first.resultOf(id);
      if (known === undefined) after.give('quick', { id });
      await settle();
      const outcome = known === undefined ? await after.ended(id) : 'told before';
      expect(first.ran.length + after.ran.length).toBeLessThanOrEqual(1);
      expect(['succeeded', 'unknown', 'told before']).toContain(outcome);
      if (outcome === 'succeeded') expect(first.ran.length + after.ran.length).toBe(1);
    }
  });

  it('that damaged the journal leaves the task unknown', async () => {
    const { writeFile } = durableFiles;
    const crashed = await TaskBench.start(temporaryFolder(), {
      ...durableFiles,
      writeFile: (path, text) => writeFile(path, text.slice(0, 20)),
    });
    const id = crashed.give('held');
    await crashed.begun(id);
    expect(await (await TaskBench.start(crashed.folder)).ended(id)).toBe('unknown');
  });
});

describe('a stop of the agent', () => {
  it('ends what runs and writes that down, and leaves what may be repeated', async () => {
    const bench = await TaskBench.start();
    const [held, again] = [bench.give('held'), bench.give('again', { lane: 'environment' })];
    await bench.begun(held);
    await bench.begun(again);
    await bench.runner.stop();
    const after = await TaskJournal.open(bench.folder);
    expect([after.stateOf(held), after.stateOf(again)]).toEqual(['ended', 'begun']);
    expect(await after.resultOf(held)).toMatchObject({ outcome: 'failed', message: 'The agent was stopped while it ran; it was ended.' });
  });

  it('does not wait for what does not end', async () => {
    const bench = await TaskBench.start();
    const deaf = bench.give('deaf');
    await bench.begun(deaf);
    const stopped = bench.runner.stop();
    await bench.clock.pass(6_000);
    await stopped;
    expect((await TaskJournal.open(bench.folder)).stateOf(deaf)).toBe('begun');
  });
});

describe('a disk that takes nothing more', () => {
  it('lets nothing begin, and says so', async () => {
    const full: DurableFiles = { ...durableFiles, writeFile: () => Promise.reject(new Error('ENOSPC: no space left on device')) };
    const bench = await TaskBench.start(temporaryFolder(), full);
    const id = bench.give('quick');
    expect(await bench.ended(id)).toBe('failed');
    expect(bench.resultOf(id)).toMatchObject({ message: expect.stringContaining('no space left') as unknown });
    expect(bench.ran).toEqual([]);
  });

  it('after the beginning does not lose the result', async () => {
    let writes = 0;
    const { writeFile } = durableFiles;
    const files: DurableFiles = {
      ...durableFiles,
      writeFile: (path, text) => (++writes > 1 ? Promise.reject(new Error('ENOSPC')) : writeFile(path, text)),
    };
    const bench = await TaskBench.start(temporaryFolder(), files);
    expect(await bench.ended(bench.give('quick'))).toBe('succeeded');
    expect(bench.lines.join('\n')).toContain('the result of a task could not be written down');
  });
});
