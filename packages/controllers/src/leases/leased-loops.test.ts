import type { HeldLease, StoreTables } from '@muster/store';
import { FakeClock, KeptLog } from '@muster/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeLeases } from '../../test/fake-leases.ts';
import { LeasedLoops } from './leased-loops.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that notes when its loops begin and end, and under which token. */
function serverOf(serverId: string, leases: FakeLeases, clock: FakeClock) {
  const seen: string[] = [];
  const under = (lease: HeldLease) => ({ lease }) as unknown as StoreTables;
  const endings: (() => void)[] = [];
  let slowly = false;
  const make = (store: StoreTables) => {
    const { token } = (store as unknown as { lease: HeldLease }).lease;
    const stop = async () => {
      if (slowly) await new Promise<void>((resolve) => endings.push(resolve));
      seen.push(`end ${token}`);
    };
    return [{ start: () => void seen.push(`begin ${token}`), stop }];
  };
  const loops = new LeasedLoops({
    store: { leases: leases.table, under },
    serverId,
    run: `run of ${serverId}`,
    clock,
    log: new KeptLog(),
    loops: { health: make },
  });
  const slow = (whether: boolean) => {
    slowly = whether;
  };
  return { loops, seen, slow, endAll: () => endings.splice(0).forEach((end) => end()) };
}

async function pass(clock: FakeClock, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 250) {
    clock.pass(250);
    await vi.advanceTimersByTimeAsync(250);
  }
}

describe('loops under leases', () => {
  it('run on one server, and on the other soon after the first has died', async () => {
    const clock = new FakeClock();
    const leases = new FakeLeases(clock);
    const [a, b] = [serverOf('a', leases, clock), serverOf('b', leases, clock)];
    a.loops.start();
    await pass(clock, 1000);
    b.loops.start();
    await pass(clock, 20_000);
    expect([a.seen, b.seen]).toEqual([['begin 1'], []]);
    leases.kill('a');
    await pass(clock, 10_000);
    expect(b.seen).toEqual(['begin 2']);
  });

  it('end where the lease cannot be prolonged, and begin anew when it is taken again', async () => {
    const clock = new FakeClock();
    const leases = new FakeLeases(clock);
    const { loops, seen } = serverOf('a', leases, clock);
    loops.start();
    await pass(clock, 1000);
    leases.away = true;
    await pass(clock, 20_000);
    expect(seen).toEqual(['begin 1', 'end 1']);
    leases.away = false;
    await pass(clock, 3000);
    expect(seen).toEqual(['begin 1', 'end 1', 'begin 2']);
  });

  it('never run twice in one server: the next begins when the one before has ended', async () => {
    const clock = new FakeClock();
    const leases = new FakeLeases(clock);
    const { loops, seen, slow, endAll } = serverOf('a', leases, clock);
    loops.start();
    await pass(clock, 1000);
    slow(true);
    leases.away = true;
    await pass(clock, 8000);
    leases.away = false;
    await pass(clock, 8000);
    expect(seen).toEqual(['begin 1']);
    slow(false);
    endAll();
    await pass(clock, 1000);
    expect(seen.slice(0, 2)).toEqual(['begin 1', 'end 1']);
    expect(seen).toHaveLength(3);
  });

  it('are over when it stops, and others need not wait', async () => {
    const clock = new FakeClock();
    const leases = new FakeLeases(clock);
    const [a, b] = [serverOf('a', leases, clock), serverOf('b', leases, clock)];
    a.loops.start();
    await pass(clock, 1000);
    b.loops.start();
    await a.loops.stop();
    expect(a.seen).toEqual(['begin 1', 'end 1']);
    await pass(clock, 2500);
    expect(b.seen).toEqual(['begin 2']);
  });
});
