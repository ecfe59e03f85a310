import { randomUUID } from 'node:crypto';
import type { ProvisionRun } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { RunNotFound } from '../errors.ts';

const runAt = (startedAt: string, change: Partial<ProvisionRun> = {}): ProvisionRun => ({
  id: randomUUID(),
  command: 'apply',
  by: 'ada',
  machine: 'desk',
  options: ['-i', 'a.ini'],
  startedAt,
  finishedAt: startedAt,
  seconds: 4.2,
  state: 'done',
  counts: { hosts: 1, changed: 1, unchanged: 0, wouldChange: 0, failed: 0, notDone: 0 },
  phases: [{ phase: 'connect', seconds: 1 }],
  hosts: [
    {
      name: 'boss',
      status: 'changed',
      phases: [{ phase: 'connect', status: 'changed', seconds: 1, changes: ['write'], warnings: [] }],
      failure: null,
    },
  ],
  ...change,
});

describe('runs of apply', () => {
  it('are kept whole, and listed in short, newest first, a page at a time', async () => {
    const { store } = await withStore();
    const runs = [runAt('2026-01-01T00:00:00.000Z'), runAt('2026-01-03T00:00:00.000Z'), runAt('2026-01-02T00:00:00.000Z')];
    for (const run of runs) await store.runs.keep(run);
    const { items, total } = await store.runs.list({ limit: 2, offset: 0 });
    expect([total, items.map(({ id }) => id)]).toEqual([3, [runs[1]?.id, runs[2]?.id]]);
    expect(items[0]).not.toHaveProperty('hosts');
    expect((await store.runs.list({ limit: 2, offset: 2 })).items.map(({ id }) => id)).toEqual([runs[0]?.id]);
    expect(await store.runs.get(runs[0]!.id)).toEqual(runs[0]);
  });

  it('are replaced by a run of the same id', async () => {
    const { store } = await withStore();
    const run = runAt('2026-01-01T00:00:00.000Z');
    await store.runs.keep({ ...run, state: 'failed' });
    await store.runs.keep(run);
    expect(await store.runs.list({ limit: 10, offset: 0 })).toMatchObject({ total: 1, items: [{ state: 'done' }] });
  });

  it('are no runs where nobody knows the id', async () => {
    const { store } = await withStore();
    await expect(store.runs.get(randomUUID())).rejects.toThrow(RunNotFound);
  });
});
