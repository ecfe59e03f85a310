import type { Grant } from '@muster/api';

/** What of an identity provider's claims says what somebody may do. */
export type ClaimRules = {
  /** The claim with roles: its name, or a path with dots into it (`realm_access.roles`). Undefined: role, groups and exec are Muster's. */
  readonly roleClaim: string | undefined;
  readonly administratorValues: readonly string[];
  readonly operatorValues: readonly string[];
  readonly viewerValues: readonly string[];
  /** Values of the role claim that give the permission exec. */
  readonly execValues: readonly string[];
  /** The claim with the groups of nodes; undefined: all nodes. */
  readonly groupsClaim: string | undefined;
  /** The role where the claim has none of the values; `none` keeps such people out. */
  readonly defaultRole: 'viewer' | 'operator' | 'none';
};

/** As many as the API takes. */
const maxGroups = 1000;

/** What somebody may do by his claims; undefined where he may not even come in. Pure. */
export function grantOfClaims(rules: ClaimRules, claims: Readonly<Record<string, unknown>>): Grant | undefined {
  const values = rules.roleClaim === undefined ? [] : valuesAt(claims, rules.roleClaim);
  const has = (wanted: readonly string[]) => wanted.some((value) => values.includes(value));
  const role = roleOf(rules, has);
  if (role === 'none') return undefined;
  return {
    role,
    groups: rules.groupsClaim === undefined ? null : valuesAt(claims, rules.groupsClaim).filter(isGroupName).slice(0, maxGroups),
    mayExec: has(rules.execValues),
  };
}

function roleOf(rules: ClaimRules, has: (wanted: readonly string[]) => boolean): Grant['role'] | 'none' {
  if (has(rules.administratorValues)) return 'administrator';
  if (has(rules.operatorValues)) return 'operator';
  return has(rules.viewerValues) ? 'viewer' : rules.defaultRole;
}

/** The texts of a claim: one, or a list of them. Anything else is none: a claim that is not understood gives nothing. */
function valuesAt(claims: Readonly<Record<string, unknown>>, path: string): string[] {
  const value = memberOf(claims, path) ?? path.split('.').reduce<unknown>(memberOf, claims);
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;

/** As the API takes it; whatever else a provider calls a group is no group of nodes. */
const isGroupName = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$/u.test(text);
