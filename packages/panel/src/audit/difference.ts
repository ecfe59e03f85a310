import type { AuditEntry } from '@muster/api';

/** A member of a record before and after; undefined where there was or is none. */
export type Difference = { readonly member: string; readonly before: string | undefined; readonly after: string | undefined };

const textOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);

/** What a change changed, member by member; members that stayed the same are left out. */
export function differencesOf({ before, after }: Pick<AuditEntry, 'before' | 'after'>): Difference[] {
  const members = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return members
    .map((member) => ({ member, before: textOf(before?.[member]), after: textOf(after?.[member]) }))
    .filter((one) => one.before !== one.after);
}
