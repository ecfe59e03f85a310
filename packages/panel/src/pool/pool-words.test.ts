import type { DatabaseCopy, Member, PoolStatus, Promotion } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { copyLook, lagText, type MemberAction, memberLook, memberRefusal, promotionWord, protectionOf } from './pool-words.ts';

const member = (rest: Partial<Member> = {}) =>
  ({ id: 'b', name: 'b', state: 'active', lostAt: null, heardAgeMs: 90_000, ...rest }) as Member;
const copy = (rest: Partial<DatabaseCopy> = {}): DatabaseCopy => ({
  place: 'b:1',
  memberId: 'b',
  role: 'replica',
  synchronous: true,
  lagBytes: 0,
  lagSeconds: 0,
  ...rest,
});
const promotion = (state: Promotion['state']) => ({ state, memberName: 'b' }) as Promotion;
const session = { name: 'Ada', role: 'administrator', groups: null } as const;
const status = (database: Partial<PoolStatus['database']> = {}, rest: Partial<PoolStatus> = {}): PoolStatus =>
  ({
    database: { kind: 'pool', copies: [copy()], protection: 'synchronous', note: null, ...database },
    promotion: null,
    ...rest,
  }) as PoolStatus;

describe('the words of the pool', () => {
  it('name how a server and its copy fare', () => {
    expect(memberLook(member()).text).toBe('There');
    expect(memberLook(member({ state: 'draining' })).text).toBe('Draining');
    expect(memberLook(member({ lostAt: '2026-01-01T00:00:00.000Z' })).text).toBe('Gone for 1 min');
    expect(
      [copy({ role: 'silent' }), copy({ role: 'primary' }), copy(), copy({ synchronous: false })].map((one) => copyLook(one).text),
    ).toEqual(['Does not answer', 'Primary', 'Replica, synchronous', 'Replica']);
  });

  it.each<[Partial<DatabaseCopy>, string | undefined]>([
    [{ role: 'primary' }, undefined],
    [{}, 'in step'],
    [{ lagBytes: 3 * 1_048_576, lagSeconds: 4 }, '3 MiB or 4 s behind'],
    [{ synchronous: false, lagBytes: 3 * 1_048_576, lagSeconds: null }, 'no write waits for it, 3 MiB behind'],
    [{ synchronous: null, lagBytes: null }, 'not known whether synchronous, lag not known'],
  ])('say how far %o is behind', (rest, expected) => {
    expect(lagText(copy(rest))).toBe(expected);
  });

  it('say what is unprotected, and what became of a promotion', () => {
    expect(protectionOf(status({ protection: 'unprotected' }).database).title).toContain('unprotected');
    expect([null, promotion('done'), promotion('running'), promotion('failed')].map((one) => promotionWord(one)?.variant)).toEqual([
      undefined,
      undefined,
      'info',
      'danger',
    ]);
  });

  it.each<[MemberAction, Member, PoolStatus, RegExp | undefined]>([
    ['promote', member(), status(), undefined],
    ['promote', member(), status({ kind: 'own' }), /one of your own/u],
    ['promote', member(), status({ kind: 'embedded' }), /single server/u],
    ['promote', member({ id: 'x' }), status(), /holds no copy/u],
    ['promote', member(), status({ copies: [copy({ role: 'primary' })] }), /primary already/u],
    ['promote', member(), status({ copies: [copy({ role: 'silent' })] }), /does not answer/u],
    ['promote', member(), status({}, { promotion: promotion('running') }), /under way/u],
    ['remove', member(), status(), /still there/u],
    ['remove', member({ lostAt: '2026-01-01T00:00:00.000Z' }), status(), undefined],
    ['drain', member({ state: 'draining' }), status(), /draining already/u],
    ['drain', member(), status(), undefined],
    ['undrain', member(), status(), /takes nodes already/u],
  ])('let %s be off with its reason', (action, one, now, expected) => {
    const refusal = memberRefusal(action, one, { status: now, session });
    if (expected === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatch(expected);
    expect(memberRefusal(action, one, { status: now, session: { ...session, role: 'operator' } })).toMatch(/takes the role administrator/u);
    expect(memberRefusal(action, one, { status: now, session: { ...session, groups: ['gpu'] } })).toMatch(/some groups only/u);
  });
});
