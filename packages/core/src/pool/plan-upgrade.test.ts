import { describe, expect, it } from 'vitest';
import { shareToWaitFor, upgradeOrder, type UpgradePool, whyNotStop } from './plan-upgrade.ts';

type Seen = UpgradePool['members'][number];
const member = (id: string, rest: Partial<Seen> = {}): Seen => ({
  id,
  name: `server-${id}`,
  state: 'active',
  lostAt: null,
  agents: 10,
  ...rest,
});
const gone = { lostAt: '2026-01-01T00:00:00.000Z' };

const healthy: UpgradePool = {
  members: [member('a'), member('b')],
  database: { kind: 'pool', protection: 'synchronous' },
  promotion: null,
  ageSeconds: null,
};

describe('the order of an upgrade', () => {
  const host = (name: string, isPrimary?: boolean) => (isPrimary === undefined ? { name } : { name, member: { id: name, isPrimary } });
  it.each([
    ['the primary last', [host('a', true), host('b', false)], 'b a'],
    ['as given where nobody has the primary', [host('a', false), host('b', false)], 'a b'],
    ['what does not work first', [host('a', true), host('b', false), host('c')], 'c b a'],
    ['nobody', [], ''],
  ])('is %s', (_, hosts, wanted) => {
    expect(
      upgradeOrder(hosts)
        .map(({ name }) => name)
        .join(' '),
    ).toBe(wanted);
  });
});

describe('a member', () => {
  it.each<[string, Partial<UpgradePool>]>([
    ['of a pool where all is well', {}],
    ['that is draining itself, by the upgrade that goes on', { members: [member('a', { state: 'draining' }), member('b')] }],
    ['that is held to be gone itself', { members: [member('a', gone), member('b')] }],
    ['whose database is somebody else’s to protect', { database: { kind: 'own', protection: 'unknown' } }],
    ['after a promotion', { promotion: { state: 'done', memberName: 'server-b' } }],
  ])('may be stopped: one %s', (_, change) => {
    expect(whyNotStop({ ...healthy, ...change }, 'a')).toBeNull();
  });

  it.each<[string, Partial<UpgradePool>, RegExp]>([
    ['the database is away', { ageSeconds: 3 }, /database does not answer/u],
    ['the primary moves', { promotion: { state: 'running', memberName: 'server-b' } }, /moved to server-b/u],
    ['it is the only one', { members: [member('a')] }, /no other member/u],
    ['another is gone', { members: [member('a'), member('b', gone), member('c')] }, /^server-b is not there.*pool remove/u],
    ['others are gone', { members: [member('a'), member('b', gone), member('c', gone)] }, /^server-b, server-c are not there/u],
    [
      'another is draining',
      { members: [member('a'), member('b', { state: 'draining' }), member('c')] },
      /^server-b gives its nodes away.*undrain/u,
    ],
    ['there is one copy', { database: { kind: 'pool', protection: 'unprotected' } }, /in one copy only/u],
    ['a copy is not waited for', { database: { kind: 'pool', protection: 'asynchronous' } }, /in one copy only/u],
  ])('may not be stopped while %s', (_, change, why) => {
    expect(whyNotStop({ ...healthy, ...change }, 'a')).toMatch(why);
  });

  it.each([
    ['what it had', [member('a', { agents: 0 }), member('b', { agents: 40 })], 7, 7],
    ['no more than its even share', [member('a', { agents: 0 }), member('b', { agents: 21 })], 15, 10],
    [
      'its part among those that take nodes',
      [member('a', { agents: 2 }), member('b', { agents: 10 }), member('c', { state: 'draining', agents: 5 })],
      9,
      6,
    ],
    ['none where it had none', [member('a'), member('b')], 0, 0],
    ['none in a pool without agents', [member('a', { agents: 0 }), member('b', { agents: 0 })], 3, 0],
  ])('is to have again %s', (_, members, before, wanted) => {
    expect(shareToWaitFor(members, before)).toBe(wanted);
  });
});
