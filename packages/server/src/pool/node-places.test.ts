import type { Member } from '@muster/api';
import { FakeClock, KeptLog } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { NodePlaces } from './node-places.ts';

const member = (id: string, rest: Partial<Member> = {}): Member => ({
  id,
  name: id,
  zone: '',
  certificates: [],
  version: '0.1.0',
  agentAddresses: [`${id}:7421`],
  panelUrl: `https://${id}:7420`,
  agents: 0,
  clockSkewMs: 0,
  state: 'active',
  joinedAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:00.000Z',
  heardAgeMs: 100,
  lostAt: null,
  ...rest,
});

function placesOf() {
  const clock = new FakeClock();
  const rows = new Map<string, string[]>();
  const pool = { members: [member('a'), member('b')], hasOthers: true, agentAddresses: ['a:7421', 'b:7421'] };
  const connected: string[] = [];
  const moved: [string, readonly string[]][] = [];
  const announced: string[][] = [];
  const gateway = {
    presence: { connected: () => connected },
    announceSettings: (ids?: ReadonlySet<string>) => void announced.push([...(ids ?? [])]),
    move: (ids: Iterable<string>, serversOf: (id: string) => readonly string[]) => {
      const all = [...ids];
      for (const id of all) moved.push([id, serversOf(id)]);
      return all;
    },
  };
  const places = new NodePlaces({
    store: { places: { list: async () => [...rows].map(([nodeId, servers]) => ({ nodeId, servers, zone: null, wish: [] })) } } as never,
    pool,
    gateway: () => gateway as never,
    serverId: 'a',
    clock,
    log: new KeptLog(),
  });
  const tick = async (afterMs = 0) => {
    clock.pass(afterMs);
    await places.tick();
  };
  return { rows, pool, connected, moved, announced, places, tick };
}

describe('the servers of a node', () => {
  it('are this one and the others until something was decided, then its own order, which agents are told once', async () => {
    const { rows, places, announced, tick } = placesOf();
    expect(places.serversFor('n')).toEqual(['a:7421', 'b:7421']);
    rows.set('n', ['b', 'a']);
    await tick();
    await tick();
    expect(places.serversFor('n')).toEqual(['b:7421', 'a:7421']);
    expect(places.serversFor('other')).toEqual(['a:7421', 'b:7421']);
    expect(announced).toEqual([['n']]);
  });

  it('are not asked for where this server is alone', async () => {
    const { rows, pool, announced, tick } = placesOf();
    rows.set('n', ['b', 'a']);
    pool.hasOthers = false;
    await tick();
    expect(announced).toEqual([]);
  });
});

describe('a node that is here and belongs elsewhere', () => {
  it('is asked to go there once all members were there for a while, and again only when it has not gone', async () => {
    const { rows, connected, moved, tick } = placesOf();
    rows.set('n', ['b', 'a']).set('stays', ['a', 'b']).set('not here', ['b', 'a']);
    connected.push('n', 'stays');
    await tick();
    await tick(30_000);
    expect(moved).toEqual([]);
    await tick(30_000);
    await tick(10_000);
    expect(moved).toEqual([['n', ['b:7421', 'a:7421']]]);
    await tick(6000);
    expect(moved).toHaveLength(2);
    connected.splice(0, 1);
    await tick(20_000);
    expect(moved).toHaveLength(2);
  });

  it('is not sent to a member that is gone, nor to one that has just come back', async () => {
    const { rows, pool, connected, moved, tick } = placesOf();
    rows.set('n', ['b', 'a']);
    connected.push('n');
    pool.members = [member('a'), member('b', { lostAt: '2026-01-01T00:00:00.000Z' })];
    await tick();
    await tick(70_000);
    pool.members = [member('a'), member('b')];
    await tick(1000);
    await tick(58_000);
    expect(moved).toEqual([]);
    await tick(2000);
    expect(moved).toHaveLength(1);
  });

  it('goes at once where this server is to be emptied', async () => {
    const { rows, pool, connected, moved, tick } = placesOf();
    rows.set('n', ['b', 'a']);
    connected.push('n');
    await tick();
    await tick(61_000);
    moved.splice(0);
    pool.members = [member('a', { state: 'draining' }), member('b')];
    await tick(16_000);
    expect(moved).toEqual([['n', ['b:7421', 'a:7421']]]);
  });
});
