import type { Member } from '@muster/api';
import { FakeClock, KeptLog } from '@muster/testkit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeMemberLoop } from './member-loop.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('holds silent servers to be gone once the others could be heard, and ends their runs in every round', async () => {
  const clock = new FakeClock();
  const log = new KeptLog();
  const members = [
    { id: 'a', name: 'first', heardAgeMs: 0, lostAt: null },
    { id: 'b', name: 'second', heardAgeMs: 20_000, lostAt: null as string | null },
    { id: 'c', name: 'third', heardAgeMs: 90_000, lostAt: '2026-01-01T00:00:00.000Z' },
  ];
  const marked: string[][] = [];
  const ended: string[] = [];
  const store = {
    members: {
      list: async () => members as Member[],
      markLost: async (ids: readonly string[]) => {
        marked.push([...ids]);
        return [...ids];
      },
    },
    serverRuns: { interruptLeftOver: async (id: string, why: string) => ended.push(`${id}: ${why}`) },
  };
  const loop = makeMemberLoop({ store: store as never, serverId: 'a', clock, log });
  const pass = async () => {
    clock.pass(1000);
    await vi.advanceTimersByTimeAsync(1000);
  };
  loop.start();
  await vi.advanceTimersByTimeAsync(0);
  for (let second = 0; second < 5; second += 1) await pass();
  expect(marked.flat()).toEqual([]);
  expect(new Set(ended)).toEqual(new Set(['c: third, which ran it, is not heard any more.']));
  for (let second = 0; second < 4; second += 1) await pass();
  expect(marked.flat()).toContain('b');
  expect(ended).toContain('b: second, which ran it, is not heard any more.');
  expect(ended.some((one) => one.startsWith('a'))).toBe(false);
  expect(log.messages('warn')).toContain('a server of the pool is not heard any more');
  await loop.stop();
});
