import type { ProvisionRun } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { runHandlers } from './runs.ts';

/* What the store does with them is tested there; that each route asks it for the right thing is tested here. */
describe('the routes of runs', () => {
  const asked: unknown[] = [];
  const keep =
    <Answer>(answer: Answer) =>
    (value: unknown) => {
      asked.push(value);
      return Promise.resolve(answer);
    };
  const run = { id: '00000000-0000-4000-8000-000000000001' } as ProvisionRun;
  const { listRuns, getRun, keepRun } = runHandlers({
    store: { runs: { list: keep({ items: [run], total: 1 }), get: keep(run), keep: keep(run) } },
  });

  it('hand on the page, the id and the run', async () => {
    expect(await listRuns({ query: { limit: 5, offset: 10 } } as Parameters<typeof listRuns>[0])).toEqual({ items: [run], total: 1 });
    expect(await getRun({ params: { id: run.id } } as Parameters<typeof getRun>[0])).toBe(run);
    expect(await keepRun({ body: run } as Parameters<typeof keepRun>[0])).toBe(run);
    expect(asked).toEqual([{ limit: 5, offset: 10 }, run.id, run]);
  });
});
