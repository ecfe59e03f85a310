import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crashingFiles } from '../../test/enrolled-node.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import type { TaskResult } from './task-handler.ts';
import { type BegunTask, TaskJournal } from './task-journal.ts';

const task = (id: string = randomUUID()): BegunTask => ({
  id,
  lane: 'control',
  timeoutSeconds: 5,
  work: { kind: 'exec', command: ['true'] },
});

const result = (rest: Partial<TaskResult> = {}): TaskResult => ({
  outcome: 'succeeded',
  exitStatus: 0,
  message: '',
  output: 'ok\n',
  truncated: false,
  durationMs: 3,
  ...rest,
});

describe('the journal of tasks', () => {
  it('knows after a restart what was begun, what ended, and what was told', async () => {
    const folder = temporaryFolder();
    const journal = await TaskJournal.open(folder);
    const [begun, ended, told] = [task(), task(), task()];
    for (const one of [begun, ended, told]) await journal.begin(one);
    for (const { id } of [ended, told]) await journal.end(id, result());
    await journal.told(told.id);
    const after = await TaskJournal.open(folder);
    expect(after.begun()).toEqual([{ id: begun.id, task: begun }]);
    expect(after.untold()).toEqual([ended.id]);
    expect([begun, ended, told].map(({ id }) => after.stateOf(id))).toEqual(['begun', 'ended', 'told']);
    expect([await after.resultOf(begun.id), await after.resultOf(ended.id), await after.resultOf(told.id)]).toEqual([
      undefined,
      result(),
      result(),
    ]);
    expect(after.stateOf(randomUUID())).toBeUndefined();
  });

  it('keeps its order over restarts', async () => {
    const folder = temporaryFolder();
    const ids = Array.from({ length: 4 }, () => randomUUID());
    for (const id of ids) await (await TaskJournal.open(folder)).begin(task(id));
    expect((await TaskJournal.open(folder)).begun().map(({ id }) => id)).toEqual(ids);
  });

  it('can be read by its owner alone, and forgets the work with its end', async () => {
    const folder = temporaryFolder();
    const journal = await TaskJournal.open(folder);
    const { id, ...rest } = task();
    await journal.begin({ id, ...rest, work: { kind: 'exec', command: ['login', 'secret-word'] } });
    const path = join(folder, 'tasks', `${id}.json`);
    expect([(statSync(path).mode & 0o777).toString(8), (statSync(join(folder, 'tasks')).mode & 0o777).toString(8)]).toEqual(['600', '700']);
    expect(readFileSync(path, 'utf8')).toContain('secret-word');
    await journal.end(id, result());
    expect(readFileSync(path, 'utf8')).not.toContain('secret-word');
  });

  it('keeps a thousand told tasks, with the beginning of their output', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'tasks'));
    const ids = Array.from({ length: 1001 }, () => randomUUID());
    ids.forEach((id, index) =>
      writeFileSync(join(folder, 'tasks', `${id}.json`), JSON.stringify({ sequence: index + 1, state: 'told', result: result() })),
    );
    const journal = await TaskJournal.open(folder);
    const [waits, last] = [task(), task()];
    await journal.begin(waits);
    await journal.end(last.id, result({ output: 'x'.repeat(5000) }));
    await journal.told(last.id);
    expect(readdirSync(join(folder, 'tasks'))).toHaveLength(1001);
    expect([journal.stateOf(ids[0] ?? ''), journal.stateOf(ids[2] ?? ''), journal.stateOf(waits.id)]).toEqual([undefined, 'told', 'begun']);
    expect(await journal.resultOf(last.id)).toMatchObject({ output: 'x'.repeat(2000), truncated: true });
  });

  it.each([
    ['nothing', ''],
    ['half of itself', '{"sequence":1,"state":"en'],
    ['something else', '[]'],
    ['an end without a result', '{"sequence":1,"state":"ended"}'],
    ['a state of another version', '{"sequence":1,"state":"paused"}'],
    ['the work of another task', JSON.stringify({ sequence: 1, state: 'begun', task: task() })],
  ])('takes a file that holds %s for a task that was begun', async (_what, text) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'tasks'));
    const id = randomUUID();
    writeFileSync(join(folder, 'tasks', `${id}.json`), text);
    writeFileSync(join(folder, 'tasks', `${randomUUID()}.json.new`), 'left by a crash');
    writeFileSync(join(folder, 'tasks', 'notes.txt'), 'not ours');
    const journal = await TaskJournal.open(folder);
    expect(journal.begun()).toEqual([{ id, task: undefined }]);
    await journal.end(id, result({ outcome: 'unknown' }));
    expect((await TaskJournal.open(folder)).untold()).toEqual([id]);
  });

  it('is opened also where it cannot be, and then nothing begins', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'tasks'), 'a file stands in the way');
    const journal = await TaskJournal.open(folder);
    const one = task();
    await expect(journal.begin(one)).rejects.toThrow();
    expect(journal.stateOf(one.id)).toBeUndefined();
    await expect(journal.end(one.id, result({ outcome: 'failed' }))).rejects.toThrow();
    expect(journal.untold()).toEqual([one.id]);
  });

  it('says that it has no result where a told one was damaged', async () => {
    const folder = temporaryFolder();
    const journal = await TaskJournal.open(folder);
    const { id } = task();
    await journal.end(id, result());
    await journal.told(id);
    truncateSync(join(folder, 'tasks', `${id}.json`), 10);
    expect(await journal.resultOf(id)).toBeUndefined();
    rmSync(join(folder, 'tasks', `${id}.json`));
    expect(await journal.resultOf(id)).toBeUndefined();
  });
});

describe('a crash at any write of the journal', () => {
  it.each(['before', 'after'] as const)('%s it took place leaves what is true', async (when) => {
    for (let at = 1; at <= 4; at += 1) {
      const folder = temporaryFolder();
      const { files } = crashingFiles(at, when);
      const { id, ...rest } = task();
      const reached: string[] = [];
      const journal = await TaskJournal.open(folder, files);
      const steps: [string, () => Promise<void>][] = [
        ['begun', () => journal.begin({ id, ...rest })],
        ['ended', () => journal.end(id, result())],
        ['told', () => journal.told(id)],
      ];
      for (const [name, step] of steps) {
        const done = await step().then(
          () => true,
          () => false,
        );
        if (!done) break;
        reached.push(name);
      }
      // The folder is the first write.
      const whole = when === 'before' ? at - 2 : at - 1;
      const state = (await TaskJournal.open(folder)).stateOf(id);
      expect(state).toBe([undefined, undefined, 'begun', 'ended', 'told'][whole + 1]);
      expect(existsSync(join(folder, 'tasks'))).toBe(true);
    }
  });
});
