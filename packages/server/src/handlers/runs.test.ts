import type { ProvisionRun, RunStart, Session } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { runHandlers } from './runs.ts';

/* What the store and the desk do with them is tested there; that each route asks for the right thing, in whose name, is tested here. */
describe('the routes of runs', () => {
  const asked: unknown[] = [];
  const keep =
    <Answer>(answer: Answer) =>
    (...values: unknown[]) => {
      asked.push(...values);
      return Promise.resolve(answer);
    };
  const run = { id: '00000000-0000-4000-8000-000000000001' } as ProvisionRun;
  const handlers = runHandlers({
    store: { runs: { list: keep({ items: [run], total: 1 }), get: keep(run), keep: keep(run) } },
    runDesk: { start: keep(run), cancel: keep(run) },
  });
  const { listRuns, getRun, keepRun, startRun, cancelRun } = handlers;
  const ada = { kind: 'person', name: 'Ada', email: 'ada@example.org', groups: null } as unknown as Session;
  const audit = { about: (id: string | null, name: string | null) => asked.push([id, name]) };

  it('hand on the page, the id and the run', async () => {
    expect(await listRuns({ query: { limit: 5, offset: 10 } } as Parameters<typeof listRuns>[0])).toEqual({ items: [run], total: 1 });
    expect(await getRun({ params: { id: run.id } } as Parameters<typeof getRun>[0])).toBe(run);
    expect(await keepRun({ params: { id: run.id }, body: run } as Parameters<typeof keepRun>[0])).toBe(run);
    expect(asked.splice(0)).toEqual([{ limit: 5, offset: 10 }, run.id, run]);
  });

  it('keep no run under the id of another', async () => {
    const other = { params: { id: '00000000-0000-4000-8000-000000000002' }, body: run } as Parameters<typeof keepRun>[0];
    await expect(keepRun(other)).rejects.toMatchObject({ problem: { code: 'invalid-request' } });
    expect(asked).toEqual([]);
  });

  it('start and cancel in the name of whoever asks, and say in the audit log which run it was', async () => {
    const body = { inventory: 'production', dryRun: true } as RunStart;
    expect(await startRun({ body, session: ada, audit } as unknown as Parameters<typeof startRun>[0])).toBe(run);
    expect(await cancelRun({ params: { id: run.id }, session: ada } as Parameters<typeof cancelRun>[0])).toBe(run);
    expect(asked.splice(0)).toEqual([body, 'ada@example.org', [run.id, 'production'], run.id, 'ada@example.org']);
  });

  it('are refused to an account that is bound to groups, before anything is asked', async () => {
    const bound = { ...ada, groups: ['rack'] } as Session;
    const body = { inventory: 'production', dryRun: true } as RunStart;
    await expect(startRun({ body, session: bound, audit } as unknown as Parameters<typeof startRun>[0])).rejects.toMatchObject({
      problem: { code: 'not-allowed' },
    });
    await expect(cancelRun({ params: { id: run.id }, session: bound } as Parameters<typeof cancelRun>[0])).rejects.toMatchObject({
      problem: { code: 'not-allowed' },
    });
    expect(asked).toEqual([]);
  });
});
