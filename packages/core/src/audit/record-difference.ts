/** A record, as the audit log keeps it. */
export type AuditedRecord = Readonly<Record<string, unknown>>;

/** A member that differs. `undefined` where it is not there at all. */
export type MemberDifference = { readonly member: string; readonly before: unknown; readonly after: unknown };

/** Which members of a record differ before and after a change, in the order of their names. Pure. */
export function recordDifference(before: AuditedRecord | null, after: AuditedRecord | null): MemberDifference[] {
  const members = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...members]
    .toSorted()
    .map((member) => ({ member, before: before?.[member], after: after?.[member] }))
    .filter((one) => !isSame(one.before, one.after));
}

function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame((one as AuditedRecord)[key], (other as AuditedRecord)[key]))
  );
}
