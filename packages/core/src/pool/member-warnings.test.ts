import { describe, expect, it } from 'vitest';
import { firstCertificateEnd, memberWarnings, type WarnedMember } from './member-warnings.ts';

const nowMs = Date.parse('2026-01-01T00:00:00.000Z');
const member = (name: string, rest: Partial<WarnedMember> = {}): WarnedMember => ({
  name,
  version: '1.0.0',
  lostAt: null,
  certificates: [
    { kind: 'server', expiresAt: '2026-12-01T00:00:00.000Z' },
    { kind: 'pool', expiresAt: '2035-01-01T00:00:00.000Z' },
  ],
  ...rest,
});
const ending = (kind: 'server' | 'pool', expiresAt: string | null) => member('m1', { certificates: [{ kind, expiresAt }] });

describe('what an administrator should know of members', () => {
  it('is nothing where all is well, or where a server of an older release says nothing', () => {
    expect(memberWarnings([member('m1'), member('m2', { certificates: [] })], nowMs)).toEqual([]);
  });

  it('is that versions differ, but not of one that is gone', () => {
    const newer = member('m2', { version: '1.1.0' });
    expect(memberWarnings([newer, member('m1')], nowMs)).toEqual([
      'Versions differ: 1.0.0, 1.1.0. To bring all to one: muster pool upgrade, or muster apply.',
    ]);
    expect(memberWarnings([{ ...newer, lostAt: '2026-01-01T00:00:00.000Z' }, member('m1')], nowMs)).toEqual([]);
  });

  it.each([
    [ending('server', '2026-03-02T00:00:00.000Z'), []],
    [
      ending('server', '2026-03-01T00:00:00.000Z'),
      [
        'The certificate of m1 as a server ends in 59 days. It is renewed by itself, and was not: look at the log of Muster there, and start it anew.',
      ],
    ],
    [
      ending('pool', '2026-01-02T00:00:00.000Z'),
      ['The certificate of m1 in the pool of databases ends in 1 day. To renew it: muster apply.'],
    ],
    [
      ending('pool', '2025-12-31T00:00:00.000Z'),
      ['The certificate of m1 in the pool of databases has ended on 2025-12-31. To renew it: muster apply.'],
    ],
    [ending('pool', null), ['The certificate of m1 in the pool of databases cannot be read. To renew it: muster apply.']],
  ])('is a certificate near its end: %j', (one, said) => {
    expect(memberWarnings([one], nowMs)).toEqual(said);
  });
});

describe('the first end of the certificates of a member', () => {
  it('is the earliest that is known', () => {
    expect(firstCertificateEnd(member('m1'))).toBe('2026-12-01T00:00:00.000Z');
    expect(firstCertificateEnd(ending('server', null))).toBeNull();
    expect(firstCertificateEnd(member('m1', { certificates: [] }))).toBeNull();
  });
});
