import { randomUUID } from 'node:crypto';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, query } from '../../test/builders.ts';
import { MemberNotFound, MemberStillThere, MemberSuperseded } from '../errors.ts';
import type { Store } from '../store.ts';
import type { MemberSign } from './members.ts';

const runs = new Map<string, string>();
/** The process of a server, always the same one. */
function runOf(id: string): string {
  const run = runs.get(id) ?? randomUUID();
  runs.set(id, run);
  return run;
}

const signOf = (id: string, rest: Partial<MemberSign> = {}): MemberSign => ({
  id,
  run: runOf(id),
  name: `server ${id}`,
  zone: '',
  version: '0.1.0',
  agentAddresses: [`${id}:7421`],
  panelUrl: `https://${id}:7420`,
  agents: 3,
  wallMs: Date.now(),
  certificates: [],
  ...rest,
});

const kindsOf = async (store: Store) => (await store.events.list({ limit: 100 })).map(({ kind }) => kind).toReversed();

describe('members of the pool', () => {
  it('join with their first sign of life, and are told of once', async () => {
    const { store } = await withStore();
    await store.members.sign(signOf('b'));
    await store.members.sign(signOf('a', { zone: 'rack1' }));
    await store.members.sign(signOf('a', { zone: 'rack2', agents: 7 }));
    expect(await store.members.list()).toMatchObject([
      { id: 'a', zone: 'rack2', agents: 7, state: 'active', lostAt: null, agentAddresses: ['a:7421'] },
      { id: 'b', zone: '', agents: 3 },
    ]);
    expect(await kindsOf(store)).toEqual(['member-joined', 'member-joined']);
  });

  it('begin anew with another process, and not with another sign of the same', async () => {
    const { store, connection } = await withStore();
    const one = signOf('a');
    await store.members.sign(one);
    await query(connection, "update members set started_at = now() - interval '1 hour'");
    await store.members.sign(one);
    const [same] = await store.members.list();
    await query(connection, "update members set heard_at = now() - interval '4 s'");
    expect(await store.members.enter({ ...one, run: randomUUID() })).toBe('there');
    const [other] = await store.members.list();
    expect(Date.parse(other?.startedAt ?? '') - Date.parse(same?.startedAt ?? '')).toBeGreaterThan(3_000_000);
  });

  it('show how far their clock is from the database’s', async () => {
    const { store } = await withStore();
    await store.members.sign(signOf('a', { wallMs: Date.now() + 60_000 }));
    const [member] = await store.members.list();
    expect(member?.clockSkewMs).toBeGreaterThan(50_000);
    expect(member?.clockSkewMs).toBeLessThan(70_000);
  });

  it('keep what they say of their certificates, as it is at each sign', async () => {
    const { store } = await withStore();
    const certificates = [
      { kind: 'server', expiresAt: '2027-01-01T00:00:00.000Z' },
      { kind: 'pool', expiresAt: null },
    ] as const;
    const one = signOf('a', { certificates });
    await store.members.sign(one);
    expect(await store.members.list()).toMatchObject([{ certificates }]);
    await store.members.sign({ ...one, certificates: [] });
    expect(await store.members.list()).toMatchObject([{ certificates: [] }]);
  });

  it('that are not heard are gone with what only they knew, and come back by a sign', async () => {
    const { store, connection } = await withStore();
    await store.members.sign(signOf('a'));
    await store.members.sign(signOf('b'));
    const [here, there] = [await store.nodes.add(nodeCreate('here')), await store.nodes.add(nodeCreate('there'))];
    await store.presence.setConnected(here.id, 'a', true);
    await store.presence.setConnected(there.id, 'b', true);
    expect(await store.members.markLost(['b'], 6)).toEqual([]);
    await query(connection, "update members set heard_at = now() - interval '10 s' where id = 'b'");
    expect(await store.members.markLost(['a', 'b'], 6)).toEqual(['b']);
    expect(await store.members.markLost(['a', 'b'], 6)).toEqual([]);
    expect((await store.members.list()).map(({ id, lostAt, agents }) => [id, lostAt === null, agents])).toEqual([
      ['a', true, 3],
      ['b', false, 0],
    ]);
    const seen = new Map((await store.presence.lastSeen()).map(({ nodeId, connected }) => [nodeId, connected]));
    expect([seen.get(here.id), seen.get(there.id)]).toEqual([true, false]);
    expect(await store.members.sign(signOf('b'))).toBe('returned');
    expect((await store.members.list()).every(({ lostAt }) => lostAt === null)).toBe(true);
    expect((await kindsOf(store)).filter((kind) => kind.startsWith('member-'))).toEqual([
      'member-joined',
      'member-joined',
      'member-lost',
      'member-returned',
    ]);
  });

  it('are one process each: a second is refused while the first is heard, and a first that was passed over is put out', async () => {
    const { store, connection } = await withStore();
    const [first, second] = [signOf('a'), signOf('a', { run: randomUUID(), version: '0.2.0' })];
    expect(await store.members.enter(first)).toBe('joined');
    expect(await store.members.enter(second)).toBe('taken');
    expect(await store.members.enter(first)).toBe('there');
    expect((await store.members.list()).map(({ version }) => version)).toEqual(['0.1.0']);
    await query(connection, "update members set heard_at = now() - interval '4 s'");
    expect(await store.members.enter(second)).toBe('there');
    await expect(store.members.sign(first)).rejects.toThrow(MemberSuperseded);
    expect(await store.members.sign(second)).toBe('there');
    expect((await store.members.list()).map(({ version }) => version)).toEqual(['0.2.0']);
    await store.members.leave('a', second.run);
    expect(await store.members.enter(first)).toBe('returned');
  });

  it('that enter at once with one id are one', async () => {
    const { store } = await withStore();
    const entered = await Promise.all(Array.from({ length: 5 }, () => store.members.enter(signOf('b', { run: randomUUID() }))));
    expect(entered.toSorted()).toEqual(['joined', 'taken', 'taken', 'taken', 'taken']);
  });

  it('that stop say so themselves, but not for a process that came after', async () => {
    const { store, connection } = await withStore();
    const [before, after] = [signOf('a'), signOf('a', { run: randomUUID() })];
    await store.members.sign(before);
    await query(connection, "update members set heard_at = now() - interval '4 s'");
    await store.members.enter(after);
    await store.members.leave('a', before.run);
    expect((await store.members.list())[0]?.lostAt).toBeNull();
    await store.members.leave('a', after.run);
    await store.members.leave('a', after.run);
    expect((await store.members.list())[0]?.lostAt).not.toBeNull();
    expect(await kindsOf(store)).toEqual(['member-joined', 'member-left']);
  });

  it('are drained and taken back, each told once', async () => {
    const { store } = await withStore();
    await store.members.sign(signOf('a'));
    expect(await store.members.setState('a', 'draining', 'ada')).toMatchObject({ state: 'draining' });
    await store.members.setState('a', 'draining', 'ada');
    await store.members.sign(signOf('a'));
    expect((await store.members.list())[0]?.state).toBe('draining');
    expect(await store.members.setState('a', 'active', 'ada')).toMatchObject({ state: 'active' });
    expect(await kindsOf(store)).toEqual(['member-joined', 'member-draining', 'member-active']);
    await expect(store.members.setState('nobody', 'active', 'ada')).rejects.toThrow(MemberNotFound);
  });

  it('are forgotten only when they are gone', async () => {
    const { store } = await withStore();
    const one = signOf('a');
    await store.members.sign(one);
    await expect(store.members.remove('a', 'ada')).rejects.toThrow(MemberStillThere);
    await store.members.leave('a', one.run);
    await store.members.remove('a', 'ada');
    expect(await store.members.list()).toEqual([]);
    await expect(store.members.remove('a', 'ada')).rejects.toThrow(MemberNotFound);
  });
});
