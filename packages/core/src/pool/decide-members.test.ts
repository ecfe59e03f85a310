import { describe, expect, it } from 'vitest';
import { decideMembers, poolTimes } from './decide-members.ts';

const member = (id: string, heardAgeMs: number, lostAt: string | null = null) => ({ id, heardAgeMs, lostAt });
const steadyMs = 60_000;
const tooLongMs = 1000 * poolTimes.lost + 1;

describe('servers that are gone', () => {
  it('are those that are not heard for too long', () => {
    const members = [member('a', 0), member('b', tooLongMs), member('c', tooLongMs - 1)];
    expect(decideMembers({ members, ownId: 'a', steadyMs })).toEqual(['b']);
  });

  it('are told once', () => {
    expect(decideMembers({ members: [member('b', tooLongMs, '2026-01-01T00:00:00Z')], ownId: 'a', steadyMs })).toEqual([]);
  });

  it('are never the one that decides', () => {
    expect(decideMembers({ members: [member('a', tooLongMs)], ownId: 'a', steadyMs })).toEqual([]);
  });

  it('are nobody just after the database came back: no server could be heard', () => {
    const members = [member('b', 30_000), member('c', 30_000)];
    expect(decideMembers({ members, ownId: 'a', steadyMs: 1000 * (poolTimes.lost + poolTimes.renewal) - 1 })).toEqual([]);
    expect(decideMembers({ members, ownId: 'a', steadyMs: 1000 * (poolTimes.lost + poolTimes.renewal) })).toEqual(['b', 'c']);
  });
});
