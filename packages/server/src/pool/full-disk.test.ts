import type { Member } from '@muster/api';
import type { DatabaseSight } from '@muster/core';
import { FakeClock, KeptLog } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { FullDisk, freeBytesOf } from './full-disk.ts';
import type { PromotionWish } from './promoter.ts';

const members = ['m1', 'm2'].map(
  (id, index) =>
    ({ id, name: id, agentAddresses: [`10.0.0.${index + 1}:7421`], panelUrl: `https://10.0.0.${index + 1}:7420` }) as unknown as Member,
);
const sight = (isSynchronous: boolean): DatabaseSight => ({
  copies: [
    { place: '10.0.0.1:25432', role: 'primary', positionBytes: 10 },
    { place: '10.0.0.2:25432', role: 'replica', positionBytes: 10 },
  ],
  replicas: [{ name: 'm2', address: '10.0.0.2', isStreaming: true, isSynchronous, lagBytes: 0, lagSeconds: 0 }],
  lastPrimaryBytes: 10,
});

type Options = { serverId?: string; free?: number | null; isSynchronous?: boolean; refusal?: Error };

function watch({ serverId = 'm1', free = 1024 * 1024, isSynchronous = true, refusal }: Options = {}) {
  const wishes: PromotionWish[] = [];
  const asked = { database: 0 };
  const [clock, log] = [new FakeClock(), new KeptLog()];
  const promoter = {
    begin: (wish: PromotionWish) => {
      wishes.push(wish);
      return refusal === undefined ? Promise.resolve(undefined as never) : Promise.reject(refusal);
    },
  };
  const store = {
    sight: () => {
      asked.database += 1;
      return Promise.resolve(sight(isSynchronous));
    },
  };
  const disk = new FullDisk({
    store,
    kind: 'pool',
    promoter,
    serverId,
    members: () => members,
    freeBytes: () => Promise.resolve(free),
    clock,
    log,
  });
  return { disk, wishes, asked, clock, log };
}

describe('the disk of the database', () => {
  it('that is full makes another member the primary, once in ten minutes', async () => {
    const { disk, wishes, clock } = watch();
    await disk.tick();
    await disk.tick();
    expect(wishes).toEqual([{ member: members[1], acceptDataLoss: false, by: 'Muster: the disk of the one before has 1 MiB left' }]);
    clock.pass(10 * 60_000);
    await disk.tick();
    expect(wishes).toHaveLength(2);
  });

  it.each<[string, Options]>([
    ['that has room', { free: 10 ** 12 }],
    ['of which nothing is known', { free: null }],
  ])('%s asks nobody for anything', async (_why, options) => {
    const { disk, wishes, asked } = watch(options);
    await disk.tick();
    expect({ wishes, ...asked }).toEqual({ wishes: [], database: 0 });
  });

  it('of a member that has not the primary is its own affair', async () => {
    const { disk, wishes } = watch({ serverId: 'm2' });
    await disk.tick();
    expect(wishes).toEqual([]);
  });

  it('that is full while no other copy has everything is told, and not every two seconds', async () => {
    const { disk, wishes, log, clock } = watch({ isSynchronous: false });
    for (let times = 0; times < 3; times += 1) await disk.tick();
    expect(wishes).toEqual([]);
    expect(log.lines).toHaveLength(1);
    clock.pass(5 * 60_000);
    await disk.tick();
    expect(log.lines).toHaveLength(2);
  });

  it('is tried again when the promotion is refused', async () => {
    const { disk, wishes, log } = watch({ refusal: new Error('another promotion is under way') });
    await disk.tick();
    await disk.tick();
    expect(wishes).toHaveLength(2);
    expect(log.lines).toHaveLength(1);
  });

  it('is measured where its folder is', async () => {
    expect(await freeBytesOf('/')).toBeGreaterThan(0);
    expect(await freeBytesOf('/no/such/folder')).toBeNull();
  });
});
