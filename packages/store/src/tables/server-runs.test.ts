import { randomUUID } from 'node:crypto';
import type { ProvisionRun } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { ActionRefused, RunInProgress } from '../errors.ts';
import { finishedEvent, phaseEvent, type ServerRun } from './server-runs.ts';

const serverId = 'server-1';
const runOf = (name = 'production', change: Partial<ProvisionRun> = {}): ServerRun => ({
  id: randomUUID(),
  command: 'apply',
  by: 'ada@example.org',
  machine: 'driver',
  options: ['-i', name],
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: null,
  seconds: 0,
  state: 'running',
  counts: { hosts: 1, changed: 0, unchanged: 0, wouldChange: 0, failed: 0, notDone: 1 },
  phases: [],
  hosts: [{ name: 'web1', status: 'not-done', phases: [], failure: null }],
  now: { phase: 'connect', done: 0, hosts: 1 },
  ...change,
  inventory: { name, version: 1, sha256: 'a'.repeat(64) },
});

describe('a run that a server executes', () => {
  it('is among all runs from its beginning, with the inventory it is of, and told by events', async () => {
    const { store } = await withStore();
    const run = runOf();
    await store.serverRuns.begin(run, serverId);
    expect(await store.runs.get(run.id)).toEqual(run);
    const further = { ...run, now: { phase: 'agent', done: 0, hosts: 1 } };
    expect(await store.serverRuns.update(further, [phaseEvent(further, 'agent')])).toBe(true);
    expect((await store.runs.list({ limit: 1, offset: 0 })).items[0]).toMatchObject({ id: run.id, now: { phase: 'agent' } });
    const { now: _now, ...rest } = run;
    const done: ProvisionRun = { ...rest, state: 'done', finishedAt: '2026-01-01T00:01:00.000Z' };
    expect(await store.serverRuns.update(done, [finishedEvent(done)])).toBe(true);
    expect(await store.runs.get(run.id)).toEqual(done);
    expect((await store.events.list({ limit: 9 })).map(({ kind, message, data }) => [kind, message, data['runId']])).toEqual([
      ['run-finished', 'The run of the inventory production is done.', run.id],
      ['run-phase', 'The run of the inventory production is at agent.', run.id],
      ['run-started', 'ada@example.org started a run of the inventory production.', run.id],
    ]);
  });

  it('is the only one of its inventory, also of two that begin at once; the second is told whose it is', async () => {
    const { store } = await withStore();
    const both = await Promise.allSettled([store.serverRuns.begin(runOf(), serverId), store.serverRuns.begin(runOf(), serverId)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = both.find((one) => one.status === 'rejected');
    expect(refused?.reason).toBeInstanceOf(RunInProgress);
    expect(String(refused?.reason)).toContain('ada@example.org runs the inventory production since 2026-01-01T00:00:00Z');
    await store.serverRuns.begin(runOf('other'), serverId);
    expect((await store.runs.list({ limit: 9, offset: 0 })).total).toBe(2);
  });

  it('stays as it ended, whatever comes late', async () => {
    const { store } = await withStore();
    const run = runOf();
    await store.serverRuns.begin(run, serverId);
    await store.serverRuns.update({ ...run, state: 'failed' }, []);
    expect(await store.serverRuns.update(run, [phaseEvent(run, 'late')])).toBe(false);
    expect((await store.runs.get(run.id)).state).toBe('failed');
    expect((await store.events.list({ limit: 1 }))[0]?.kind).toBe('run-started');
    await store.serverRuns.begin(runOf(), serverId);
  });

  it('is told of by nobody but the server', async () => {
    const { store } = await withStore();
    const run = runOf();
    await store.serverRuns.begin(run, serverId);
    await expect(store.runs.keep({ ...run, state: 'done' })).rejects.toBeInstanceOf(ActionRefused);
    expect((await store.runs.get(run.id)).state).toBe('running');
  });

  it('is interrupted when its server begins anew, with the reason; those of other servers go on', async () => {
    const { store } = await withStore();
    const [mine, other] = [runOf('mine'), runOf('other')];
    await store.serverRuns.begin(mine, serverId);
    await store.serverRuns.begin(other, 'server-2');
    expect(await store.serverRuns.interruptLeftOver(serverId, 'The server was killed.')).toBe(1);
    const left = await store.runs.get(mine.id);
    expect(left).toMatchObject({ state: 'interrupted', reason: 'The server was killed.', finishedAt: null });
    expect(left).not.toHaveProperty('now');
    expect((await store.runs.get(other.id)).state).toBe('running');
    expect((await store.events.list({ limit: 1 }))[0]).toMatchObject({
      kind: 'run-finished',
      severity: 'warning',
      message: 'The run of the inventory mine is interrupted. The server was killed.',
    });
    expect(await store.serverRuns.interruptLeftOver(serverId, 'again')).toBe(0);
  });
});

describe('the end of a run as an event', () => {
  it('counts the hosts that failed', () => {
    const counts = { hosts: 3, changed: 1, unchanged: 0, wouldChange: 0, failed: 2, notDone: 0 };
    expect(finishedEvent(runOf('production', { state: 'failed', counts }))).toMatchObject({
      severity: 'warning',
      message: 'The run of the inventory production is failed. 2 of 3 hosts failed.',
    });
  });
});
