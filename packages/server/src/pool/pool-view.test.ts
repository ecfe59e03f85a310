import type { Member } from '@muster/api';
import { FakeClock, KeptLog } from '@muster/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemberSuperseded } from '@muster/store';
import { PoolView } from './pool-view.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const member = (id: string, rest: Partial<Member> = {}) =>
  ({ id, name: id, agentAddresses: [`${id}:7421`], state: 'active', lostAt: null, ...rest }) as Member;

function viewOf() {
  const clock = new FakeClock();
  const seen = { signs: 0, left: 0, claimed: [] as string[][], letGo: 0, changes: 0 };
  const database = {
    away: false,
    othersWork: false,
    sign: 'there' as 'there' | 'returned',
    superseded: false,
    enters: [] as string[],
    members: [member('a'), member('b')],
  };
  const store = {
    members: {
      sign: async () => {
        if (database.away) throw new Error('away');
        if (database.superseded) throw new MemberSuperseded('another process');
        seen.signs += 1;
        return database.sign;
      },
      enter: async () => database.enters.shift() ?? 'there',
      list: async () => database.members,
      leave: async () => void (seen.left += 1),
    },
    presence: { claim: async (nodes: readonly string[]) => void seen.claimed.push([...nodes]) },
  };
  const view = new PoolView({
    store: store as never,
    self: { id: 'a', run: 'r', name: 'a', zone: '', version: '0.1.0', agentAddresses: ['a:7421'], panelUrl: 'https://a:7420' },
    nodes: () => ['n1', 'n2'],
    certificates: async () => [],
    letGo: () => void (seen.letGo += 1),
    othersWork: async (others) => database.othersWork && others.some(({ id }) => id === 'b'),
    clock,
    log: new KeptLog(),
    onChange: () => void (seen.changes += 1),
  });
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.pass(1000);
      await vi.advanceTimersByTimeAsync(1000);
    }
  };
  return { view, seen, database, pass };
}

describe('the pool as a server sees it', () => {
  it('tells agents of this server first, then of those that take nodes, then of the rest', async () => {
    const { view, database, seen, pass } = viewOf();
    database.members = [member('d', { lostAt: '2026-01-01T00:00:00.000Z' }), member('c', { state: 'draining' }), member('b'), member('a')];
    await view.start();
    expect(view.agentAddresses).toEqual(['a:7421', 'b:7421', 'c:7421', 'd:7421']);
    expect(view.hasOthers).toBe(true);
    await pass(3);
    expect([seen.signs, seen.changes]).toEqual([4, 1]);
  });

  it('takes its nodes back when it was held to be gone and is not', async () => {
    const { view, database, seen, pass } = viewOf();
    await view.start();
    database.sign = 'returned';
    await pass(1);
    database.sign = 'there';
    await pass(1);
    expect(seen.claimed).toEqual([['n1', 'n2']]);
  });

  it('lets its agents go once when it is cut off for longer than a fail-over takes, and again after the next time', async () => {
    const { view, database, seen, pass } = viewOf();
    await view.start();
    database.away = true;
    await pass(34);
    expect(seen.letGo).toBe(0);
    await pass(60);
    expect(seen.letGo).toBe(1);
    database.away = false;
    await pass(2);
    database.away = true;
    await pass(40);
    expect(seen.letGo).toBe(2);
  });

  it('lets its agents go soon where others work all the same: then it alone is cut off', async () => {
    const { view, database, seen, pass } = viewOf();
    await view.start();
    Object.assign(database, { away: true, othersWork: true });
    await pass(5);
    expect(seen.letGo).toBe(0);
    await pass(6);
    expect(seen.letGo).toBe(1);
    await pass(60);
    expect(seen.letGo).toBe(1);
  });

  it('keeps them where another has only found the new primary a moment earlier', async () => {
    const { view, database, seen, pass } = viewOf();
    await view.start();
    database.away = true;
    await pass(20);
    database.othersWork = true;
    await pass(2);
    database.away = false;
    await pass(30);
    expect(seen.letGo).toBe(0);
  });

  it('keeps its agents where there is nobody to go to', async () => {
    const { view, database, seen, pass } = viewOf();
    database.members = [member('a')];
    await view.start();
    database.away = true;
    await pass(90);
    expect(seen.letGo).toBe(0);
  });

  it('signs no more once it has left', async () => {
    const { view, seen, pass } = viewOf();
    await view.start();
    await view.stop();
    view.apply({ kind: 'member-left' } as never);
    await pass(3);
    expect([seen.signs, seen.left]).toEqual([1, 1]);
  });
});

describe('one process for each server', () => {
  it('waits for the place of one that was killed a moment ago', async () => {
    const { view, database, pass } = viewOf();
    database.enters = ['taken', 'taken', 'joined'];
    const entering = view.enter();
    await pass(2);
    await expect(entering).resolves.toBeUndefined();
  });

  it('does not start while another one gives signs, and says where that is', async () => {
    const { view, database, pass } = viewOf();
    database.enters = Array.from({ length: 50 }, () => 'taken');
    database.members = [member('a', { name: 'm1', panelUrl: 'https://m1:7420', startedAt: '2026-01-01T00:00:00.000Z' })];
    const refused = expect(view.enter()).rejects.toThrow(/id of this server \(a\) as m1 \(https:\/\/m1:7420.*server-id/u);
    await pass(6);
    await refused;
  });

  it('ends once its place is another one’s, gives no further sign, and lets the other go on', async () => {
    const { view, database, seen, pass } = viewOf();
    await view.start();
    database.superseded = true;
    await pass(2);
    await expect(view.superseded).resolves.toMatchObject({ name: 'StartError', message: 'another process' });
    database.superseded = false;
    await pass(3);
    expect(seen.signs).toBe(1);
  });
});
