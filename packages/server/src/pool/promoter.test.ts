import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Member } from '@muster/api';
import type { DatabaseSight } from '@muster/core';
import { StoreUnavailable } from '@muster/store';
import { KeptLog } from '@muster/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakePatroni } from '../../test/fake-patroni.ts';
import { systemClock } from '../system-clock.ts';
import { patroniOf } from './patroni.ts';
import { Promoter, type PromoterParts } from './promoter.ts';

/** The database as two servers see it that share its leases. */
class FakeStore {
  away = false;
  primary: string | null = '10.0.0.1';
  lastPrimaryBytes: number | null = 1000;
  replicaBytes: number | null = 1000;
  leaseOf: string | undefined;
  readonly events: string[] = [];

  of(): PromoterParts['store'] {
    const here = <T>(value: () => T): Promise<T> =>
      this.away ? Promise.reject(new StoreUnavailable('away')) : Promise.resolve().then(value);
    return {
      sight: () => Promise.resolve(this.#sight()),
      leases: {
        hold: ({ run }: { run: string }) =>
          here(() => {
            this.leaseOf ??= run;
            return this.leaseOf === run ? [{ name: 'promotion', token: 1 }] : [];
          }),
        release: (run: string) =>
          here(() => {
            if (this.leaseOf === run) this.leaseOf = undefined;
          }),
      },
      events: { append: ({ message }: { message: string }) => here(() => this.events.push(message)) },
    } as unknown as PromoterParts['store'];
  }

  #sight(): DatabaseSight {
    const roleOf = (host: string) => (host === this.primary ? (this.away ? 'silent' : 'primary') : 'replica');
    const copies = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) => ({
      place: `${host}:25432`,
      role: roleOf(host),
      positionBytes: host === this.primary ? this.lastPrimaryBytes : this.replicaBytes,
    }));
    return { copies, replicas: null, lastPrimaryBytes: this.lastPrimaryBytes } as DatabaseSight;
  }
}

let folder: string;
let fake: FakePatroni;
let store: FakeStore;
let log: KeptLog;
let urls: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-promoter-'));
  await writeFile(join(folder, 'password'), 'secret');
  fake = new FakePatroni(['m1', 'm2', 'm3']);
  urls = [await fake.open('m1'), await fake.open('m2'), await fake.open('m3')];
  store = new FakeStore();
  log = new KeptLog();
  fake.onLeader = (name) => {
    store.primary = fake.member(name).host;
    store.away = false;
  };
});
afterEach(async () => {
  await fake.stop();
  await rm(folder, { recursive: true });
});

const member = (name: string) =>
  ({ id: `${name}-id`, name, agentAddresses: [`10.0.0.${name.at(-1)}:7421`], panelUrl: `https://${name}:7420` }) as unknown as Member;

function promoterOf(rest: Partial<PromoterParts> = {}, patroniTimes = { askMs: 20_000, changeMs: 20_000 }) {
  const patroni = patroniOf({ urls, user: 'muster', passwordFile: join(folder, 'password') }, patroniTimes);
  const times = { lookMs: 5, catchUpMs: 60_000, endMs: 60_000 };
  return new Promoter({ store: store.of(), kind: 'pool', patroni, serverId: 's', clock: systemClock, log, times, ...rest });
}

const wish = (name: string, acceptDataLoss = false) => ({ member: member(name), acceptDataLoss, by: 'Ada' });

async function outcomeOf(promoter: Promoter, name: string, acceptDataLoss = false) {
  await promoter.begin(wish(name, acceptDataLoss));
  await promoter.ended();
  return promoter.last;
}

/** As when the machine of the primary is off: nobody answers there, and Patroni's key of the leader is still good. */
function loseThePrimary() {
  store.away = true;
}

describe('the promotion of a member', () => {
  it('hands over, proves that it takes writes by its event, and gives its lease back', async () => {
    const promoter = promoterOf();
    expect(await promoter.begin(wish('m2'))).toMatchObject({ state: 'running', kind: 'switch-over', from: 'm1', memberId: 'm2-id' });
    await promoter.ended();
    expect(promoter.last).toMatchObject({ state: 'done', message: expect.stringContaining('takes writes') as string });
    expect(fake.asked).toEqual(['POST /switchover {"leader":"m1","candidate":"m2"}']);
    expect(store.events).toEqual(['m2 is the primary of the database now (Ada).']);
    expect(store.leaseOf).toBeUndefined();
  });

  it('changes nothing where the member is the primary', async () => {
    expect(await promoterOf().begin(wish('m1'))).toMatchObject({ state: 'already', message: expect.stringContaining('already') as string });
    expect([fake.asked, store.events, store.leaseOf]).toEqual([[], [], undefined]);
  });

  it('lets a third copy become synchronous first, and leaves the setting as it was', async () => {
    expect(await outcomeOf(promoterOf(), 'm3')).toMatchObject({ state: 'done' });
    expect(fake.asked).toEqual([
      'PATCH /config {"synchronous_node_count":2}',
      'POST /switchover {"leader":"m1","candidate":"m3"}',
      'PATCH /config {"synchronous_node_count":1}',
    ]);
    expect(fake.synchronousCount).toBe(1);
  });

  it('of a copy that does not catch up ends, and changes nothing', async () => {
    fake.synchronousCount = 2;
    const times = { lookMs: 5, catchUpMs: 50, endMs: 50 };
    expect(await outcomeOf(promoterOf({ times }), 'm3')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('did not catch up') as string,
    });
    expect(fake.asked).toEqual([]);
  });

  it('takes over while the database is away, without a lease, and says so in the first event', async () => {
    loseThePrimary();
    expect(await outcomeOf(promoterOf(), 'm2')).toMatchObject({ state: 'done', kind: 'fail-over', lostBytes: 0 });
    expect(fake.asked).toEqual(['POST /failover {"candidate":"m2"}']);
    expect(store.events).toHaveLength(1);
  });

  it('is refused where acknowledged changes would be lost, with the greater of both figures, unless that is accepted', async () => {
    loseThePrimary();
    Object.assign(fake.member('m3'), { lag: 300 });
    store.replicaBytes = 200;
    const promoter = promoterOf();
    await expect(promoter.begin(wish('m3'))).rejects.toMatchObject({
      problem: { code: 'would-lose-data', detail: expect.stringMatching(/lacks 800 bytes .* m2 has all of it/u) as string },
    });
    expect(fake.asked).toEqual([]);
    expect(await outcomeOf(promoter, 'm3', true)).toMatchObject({ state: 'done', lostBytes: 800 });
  });

  it('is refused for databases that Patroni does not keep, and while no Patroni answers', async () => {
    for (const kind of ['own', 'embedded'] as const)
      await expect(promoterOf({ kind, patroni: undefined }).begin(wish('m2'))).rejects.toMatchObject({
        problem: { code: 'promotion-refused' },
      });
    fake.trouble = 'hung';
    await expect(promoterOf({}, { askMs: 200, changeMs: 200 }).begin(wish('m2'))).rejects.toThrow(/No Patroni of the pool says/u);
    fake.trouble = 'unavailable';
    await expect(promoterOf().begin(wish('m2'))).rejects.toThrow(/Nothing was done: No Patroni/u);
    expect(store.leaseOf).toBeUndefined();
  });

  it('is one at a time: another one here, and one of another server, are told of it', async () => {
    const [one, other] = [promoterOf(), promoterOf({ serverId: 't' })];
    const both = await Promise.allSettled([one.begin(wish('m2')), one.begin(wish('m2')), other.begin(wish('m3'))]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const ended of both)
      if (ended.status === 'rejected') expect(ended.reason).toMatchObject({ problem: { code: 'promotion-under-way', status: 409 } });
    await Promise.all([one.ended(), other.ended()]);
    expect(fake.asked.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });

  it('that loses against another while there is no database to ask hears who won', async () => {
    loseThePrimary();
    fake.trouble = 'other';
    expect(await outcomeOf(promoterOf(), 'm2')).toMatchObject({
      state: 'failed',
      message: 'Another promotion won: m3 is the primary now.',
    });
  });

  it('ends with Patroni’s own words where that refuses, and can be asked for again', async () => {
    const promoter = promoterOf();
    fake.trouble = 'refuses';
    expect(await outcomeOf(promoter, 'm2')).toMatchObject({
      state: 'failed',
      message: 'Patroni did not do it: no good candidates have been found.',
    });
    expect(log.messages('warn')).toContain('the member was not made the primary of the database');
    fake.trouble = undefined;
    expect(await outcomeOf(promoter, 'm2')).toMatchObject({ state: 'done' });
  });

  it('waits on where Patroni does not know yet: what was asked takes place later', async () => {
    loseThePrimary();
    fake.trouble = 'unknown';
    const promoter = promoterOf();
    await promoter.begin(wish('m2'));
    await expect.poll(() => fake.asked, { timeout: 20_000 }).toEqual(['POST /failover {"candidate":"m2"}']);
    fake.lead('m2');
    await promoter.ended();
    expect(promoter.last).toMatchObject({ state: 'done' });
  });

  it('says where it stands when nothing comes of it', async () => {
    loseThePrimary();
    fake.trouble = 'unknown';
    expect(await outcomeOf(promoterOf({ times: { lookMs: 5, catchUpMs: 50, endMs: 50 } }), 'm2')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('does not take writes yet. Patroni may still promote it') as string,
    });
  });

  it('does not keep a server from stopping', async () => {
    loseThePrimary();
    fake.trouble = 'unknown';
    const promoter = promoterOf();
    await promoter.begin(wish('m2'));
    await promoter.stop();
    expect(promoter.last).toMatchObject({ state: 'failed' });
  });
});
