import type { Facts } from '@muster/api/agent';
import { expect, it } from 'vitest';
import { FakeClock, settle } from '../../test/fake-clock.ts';
import { fakeLog } from '../../test/fake-log.ts';
import type { RunResult } from '../run-program.ts';
import { FactWatcher } from './fact-watcher.ts';

function begin() {
  const clock = new FakeClock();
  const seen: Facts[] = [];
  const { log, lines } = fakeLog();
  const state = {
    asked: 0,
    answer: (): Promise<RunResult> => Promise.resolve({ kind: 'done', status: 0, stdout: 'A100, 1, GPU-1\n', stderr: '' }),
  };
  const run = (): Promise<RunResult> => {
    state.asked += 1;
    return state.answer();
  };
  const watcher = new FactWatcher({
    clock,
    log,
    sources: { read: () => Promise.resolve(undefined), run },
    onFacts: (facts) => seen.push(facts),
  });
  return { clock, seen, lines, state, watcher };
}

it('hands on nothing before the GPUs are known', async () => {
  const { seen, state, watcher } = begin();
  let answer: (result: RunResult) => void = () => undefined;
  state.answer = () => new Promise((resolve) => (answer = resolve));
  const started = watcher.start();
  await settle();
  expect(seen).toEqual([]);
  answer({ kind: 'absent' });
  await started;
  expect(seen).toMatchObject([{ gpus: [] }]);
  watcher.stop();
});

it('reads names and addresses every minute, the rest every five', async () => {
  const { clock, seen, state, watcher } = begin();
  await watcher.start();
  await clock.pass(4 * 60_000);
  expect([seen.length, state.asked]).toEqual([5, 1]);
  await clock.pass(6 * 60_000);
  expect([seen.length, state.asked]).toEqual([11, 3]);
  watcher.stop();
});

it('keeps the GPUs it knew when their driver gives no answer', async () => {
  const { clock, seen, lines, state, watcher } = begin();
  await watcher.start();
  state.answer = () => Promise.resolve({ kind: 'failed', reason: 'no answer within 10 s' });
  await clock.pass(5 * 60_000);
  expect(seen.at(-1)?.gpus).toHaveLength(1);
  expect(lines.at(-1)).toContain('reason="no answer within 10 s"');
  watcher.stop();
});

it('leaves nothing behind', async () => {
  const { clock, watcher } = begin();
  const started = watcher.start();
  watcher.stop();
  await started;
  expect(clock.pendingTimers).toBe(0);
});
