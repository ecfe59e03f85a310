import type { Grant } from '@muster/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Giver, grantRefusal, lesserGrant } from './grants.ts';
import { roleIncludes } from './node-actions.ts';

const giver = (change: Partial<Giver> = {}): Giver => ({ name: 'ada', role: 'administrator', groups: null, mayExec: true, ...change });
const grant = (change: Partial<Grant> = {}): Grant => ({ role: 'viewer', groups: [], mayExec: false, ...change });

const groups = fc.option(fc.uniqueArray(fc.constantFrom('web', 'db', 'gpu', 'login')), { nil: null });
const anyGrant: fc.Arbitrary<Grant> = fc.record({
  role: fc.constantFrom('viewer', 'operator', 'administrator'),
  groups,
  mayExec: fc.boolean(),
});

/** Whether one grant allows nothing that the other does not. */
const isWithin = (one: Grant, other: Grant): boolean =>
  roleIncludes(other.role, one.role) &&
  (!one.mayExec || other.mayExec) &&
  (other.groups === null || (one.groups !== null && one.groups.every((group) => other.groups?.includes(group))));

describe('what somebody may give', () => {
  it.each<[string, Partial<Giver>, Partial<Grant>, RegExp | undefined]>([
    ['everything, where he has everything', {}, { role: 'administrator', groups: null, mayExec: true }, undefined],
    ['no role above his own', { role: 'operator' }, { role: 'administrator' }, /ada has the role operator .* the role administrator/u],
    ['his own role', { role: 'operator' }, { role: 'operator' }, undefined],
    ['no exec without his own', { mayExec: false }, { mayExec: true }, /may not run commands/u],
    ['no groups of others', { groups: ['web'] }, { groups: ['web', 'db'] }, /acts on the groups web only.*about db\./u],
    ['his own groups', { groups: ['web', 'db'] }, { groups: ['db'] }, undefined],
    ['not all nodes, with groups of his own', { groups: ['web'] }, { groups: null }, /cannot decide about all nodes/u],
    ['nothing on nodes, with no groups', { groups: [] }, { groups: ['web'] }, /the groups \(none\) only/u],
  ])('is %s', (_title, who, what, refusal) => {
    const said = grantRefusal(giver(who), grant(what));
    expect(said === undefined ? undefined : refusal?.test(said)).toBe(refusal === undefined ? undefined : true);
  });

  it('is never more than he has, and always as much', () => {
    fc.assert(
      fc.property(anyGrant, anyGrant, (own, given) => {
        expect(grantRefusal({ name: 'x', ...own }, given) === undefined).toBe(isWithin(given, own));
      }),
    );
  });
});

describe('what two grants allow together', () => {
  it('is nothing that one of them does not allow', () => {
    fc.assert(
      fc.property(anyGrant, anyGrant, (one, other) => {
        const both = lesserGrant(one, other);
        expect(isWithin(both, one) && isWithin(both, other)).toBe(true);
      }),
    );
  });

  it('is the smaller one, where it lies within the other', () => {
    fc.assert(
      fc.property(anyGrant, anyGrant, (one, other) => {
        fc.pre(isWithin(one, other));
        const both = lesserGrant(one, other);
        expect({ ...both, groups: both.groups?.toSorted() }).toEqual({ ...one, groups: one.groups?.toSorted() });
      }),
    );
  });

  it('does not depend on the order', () => {
    fc.assert(
      fc.property(anyGrant, anyGrant, (one, other) => {
        const [a, b] = [lesserGrant(one, other), lesserGrant(other, one)];
        expect({ ...a, groups: a.groups?.toSorted() }).toEqual({ ...b, groups: b.groups?.toSorted() });
      }),
    );
  });
});
