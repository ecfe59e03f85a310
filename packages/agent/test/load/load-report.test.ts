import { expect, it } from 'vitest';
import { LoadReport } from './load-report.ts';

it('counts agents by server, and how long each was without one', () => {
  const report = new LoadReport(4);
  const say = (agent: number, atMs: number, server: string | null) => report.apply({ agent, atMs, server });
  for (const agent of [0, 1, 2]) expect(say(agent, 100, agent === 2 ? 'b' : 'a')).toBeUndefined();
  expect(report.counts()).toEqual({ servers: { a: 2, b: 1 }, none: 1 });
  say(0, 1000, null);
  say(1, 1100, null);
  expect(report.counts()).toEqual({ servers: { b: 1 }, none: 3 });
  expect(say(0, 1400, 'b')).toBeUndefined();
  const failOver = { agents: 2, medianMs: 900, p95Ms: 900, maxMs: 900, firstLostAtMs: 1000, lastWelcomeAtMs: 2000 };
  expect(say(1, 2000, 'b')).toEqual(failOver);
  // The next one begins anew, also when an agent goes over to another server in one step.
  expect(say(1, 3000, 'a')).toBeUndefined();
  say(2, 4000, null);
  expect(say(2, 4005, 'a')).toMatchObject({ agents: 1, maxMs: 5, firstLostAtMs: 4000 });
});
