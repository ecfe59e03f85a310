import { poolTimes } from '@muster/core';
import { StoreUnavailable } from '@muster/store';
import { FakeClock, KeptLog } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { FakeLeases } from '../../test/fake-leases.ts';

import { LeaseKeeper } from './lease-keeper.ts';

function keeperOf(serverId: string, leases: FakeLeases, clock: FakeClock) {
  const changes: string[] = [];
  const keeper = new LeaseKeeper({
    store: { leases: leases.table },
    serverId,
    run: `run of ${serverId}`,
    names: ['health', 'samples'],
    clock,
    log: new KeptLog(),
    onChange: (name, lease) => changes.push(`${name} ${lease === undefined ? 'lost' : lease.token}`),
  });
  return { keeper, changes };
}

describe('leases of a server', () => {
  it('are taken, and prolonged without a word', async () => {
    const clock = new FakeClock();
    const { keeper, changes } = keeperOf('a', new FakeLeases(clock), clock);
    await keeper.tick();
    clock.pass(poolTimes.renewal * 1000);
    await keeper.tick();
    keeper.expire();
    expect(changes).toEqual(['health 1', 'samples 1']);
  });

  it('are let go by its own clock when they cannot be prolonged, before anybody else may have them', async () => {
    const clock = new FakeClock();
    const leases = new FakeLeases(clock);
    const [a, b] = [keeperOf('a', leases, clock), keeperOf('b', leases, clock)];
    await a.keeper.tick();
    leases.away = true;
    clock.pass(poolTimes.lease * 1000 - 1000);
    await expect(a.keeper.tick()).rejects.toThrow(StoreUnavailable);
    a.keeper.expire();
    expect(a.changes).toEqual(['health 1', 'samples 1', 'health lost', 'samples lost']);
    leases.away = false;
    await b.keeper.tick();
    expect(b.changes).toEqual([]);
    clock.pass(1000);
    await b.keeper.tick();
    expect(b.changes).toEqual(['health 2', 'samples 2']);
    await a.keeper.tick();
    expect(a.changes).toHaveLength(4);
  });

  it('are counted from before they were asked for: an answer that took long makes them shorter', async () => {
    const clock = new FakeClock();
    const leases = new FakeLeases(clock);
    const { keeper, changes } = keeperOf('a', leases, clock);
    leases.onHold = () => clock.pass(4000);
    await keeper.tick();
    clock.pass(poolTimes.lease * 1000 - 1000 - 4000);
    keeper.expire();
    expect(changes).toEqual(['health 1', 'samples 1', 'health lost', 'samples lost']);
  });

  it('that another has taken in between are held no more', async () => {
    const clock = new FakeClock();
    const leases = new FakeLeases(clock);
    const { keeper, changes } = keeperOf('a', leases, clock);
    await keeper.tick();
    leases.give('health', 'b');
    await keeper.tick();
    expect(changes).toEqual(['health 1', 'samples 1', 'health lost']);
  });

  it('are given back when it stops', async () => {
    const clock = new FakeClock();
    const leases = new FakeLeases(clock);
    const [a, b] = [keeperOf('a', leases, clock), keeperOf('b', leases, clock)];
    await a.keeper.tick();
    await a.keeper.stop();
    await b.keeper.tick();
    expect(b.changes).toEqual(['health 2', 'samples 2']);
  });
});
