import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClaimRules, grantOfClaims } from './grant-of-claims.ts';

const rules = (change: Partial<ClaimRules> = {}): ClaimRules => ({
  roleClaim: 'roles',
  administratorValues: ['admins'],
  operatorValues: ['ops', 'sre'],
  viewerValues: ['viewer'],
  execValues: ['exec'],
  groupsClaim: undefined,
  defaultRole: 'viewer',
  ...change,
});

describe('what claims give', () => {
  it.each([
    ['the role of one value', { roles: 'ops' }, 'operator'],
    ['the highest role of several', { roles: ['viewer', 'sre', 'admins'] }, 'administrator'],
    ['the default role without the claim', {}, 'viewer'],
    ['the default role for values nobody knows', { roles: ['Admins', 'admins '] }, 'viewer'],
    ['the default role for a claim that is no text', { roles: { admins: true } }, 'viewer'],
    ['no role for a number', { roles: [1, true, null, ['admins']] }, 'viewer'],
  ])('is %s', (_title, claims, role) => expect(grantOfClaims(rules(), claims)).toEqual({ role, groups: null, mayExec: false }));

  it('is found by a path, and by a name that has dots itself', () => {
    const nested = { realm_access: { roles: ['admins'] } };
    expect(grantOfClaims(rules({ roleClaim: 'realm_access.roles' }), nested)?.role).toBe('administrator');
    const named = { 'https://example.org/roles': ['admins'] };
    expect(grantOfClaims(rules({ roleClaim: 'https://example.org/roles' }), named)?.role).toBe('administrator');
    expect(grantOfClaims(rules({ roleClaim: '__proto__.constructor' }), {})?.role).toBe('viewer');
  });

  it('keeps people out who have no role, where that is the rule', () => {
    expect(grantOfClaims(rules({ defaultRole: 'none' }), { roles: ['other'] })).toBeUndefined();
    expect(grantOfClaims(rules({ defaultRole: 'none' }), { roles: ['viewer'] })?.role).toBe('viewer');
  });

  it('is all nodes without a claim for groups, and with one only those it names', () => {
    const withGroups = rules({ groupsClaim: 'nodes' });
    expect(grantOfClaims(withGroups, { nodes: ['web', 'db'] })?.groups).toEqual(['web', 'db']);
    expect(grantOfClaims(withGroups, { nodes: 'web' })?.groups).toEqual(['web']);
    expect(grantOfClaims(withGroups, {})?.groups).toEqual([]);
    expect(grantOfClaims(withGroups, { nodes: ['/web', 'a b', '', 'ok'] })?.groups).toEqual(['ok']);
    expect(grantOfClaims(withGroups, { nodes: Array.from({ length: 3000 }, (_, i) => `g${i}`) })?.groups).toHaveLength(1000);
  });

  it('has exec by a value of its own, whatever the role', () => {
    expect(grantOfClaims(rules(), { roles: ['exec'] })).toEqual({ role: 'viewer', groups: null, mayExec: true });
    expect(grantOfClaims(rules({ execValues: [] }), { roles: ['admins'] })?.mayExec).toBe(false);
  });

  it('is the default and no exec, where roles are kept here', () => {
    expect(grantOfClaims(rules({ roleClaim: undefined }), { roles: ['admins', 'exec'] })).toEqual({
      role: 'viewer',
      groups: null,
      mayExec: false,
    });
  });

  it('is never more than the default for claims that have none of the values, whatever they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (claims) => {
        fc.pre(!JSON.stringify(claims).match(/admins|ops|sre|exec|viewer/u));
        expect(grantOfClaims(rules(), claims)).toEqual({ role: 'viewer', groups: null, mayExec: false });
      }),
    );
  });
});
