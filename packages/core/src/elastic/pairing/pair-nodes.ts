import type { Instance, NodeRecord } from '../picture/elastic-picture.ts';

/** A machine and the node it is, or one that stands alone. */
export type NodePair =
  | { readonly instance: Instance; readonly record: NodeRecord }
  | { readonly instance: Instance; readonly record: null }
  | { readonly instance: null; readonly record: NodeRecord };

/**
 * Pairs machines with the queue's records of nodes. They belong together when the record names the machine and its first ping is not from
 * before the machine's start: else it is the record of an earlier machine that is used again. Names and addresses say nothing, since a
 * provider gives them out anew. No record and no machine stands in two pairs. Order: that of the instances, then the records left.
 */
export function pairNodes(instances: readonly Instance[], records: readonly NodeRecord[]): NodePair[] {
  const claims = claimsOf(records);
  const paired = new Set<NodeRecord>();
  const pairs: NodePair[] = instances.map((instance) => {
    const record = recordOf(instance, claims);
    if (record !== null) paired.add(record);
    return { instance, record };
  });
  for (const record of records) if (!paired.has(record)) pairs.push({ instance: null, record });
  return pairs;
}

/** Records by the machine they name, each with the one that pinged last; among equals the first by name. */
export function claimsOf(records: Iterable<NodeRecord>): Map<string, NodeRecord> {
  const claims = new Map<string, NodeRecord>();
  for (const record of records) {
    if (record.instanceId === null || record.firstPingAtMs === null) continue;
    const other = claims.get(record.instanceId);
    if (other === undefined || isLaterClaim(record, other)) claims.set(record.instanceId, record);
  }
  return claims;
}

function isLaterClaim(one: NodeRecord, other: NodeRecord): boolean {
  const [first, second] = [one.firstPingAtMs ?? 0, other.firstPingAtMs ?? 0];
  return first === second ? one.name < other.name : first > second;
}

/** The record that is this machine's, or null while none is. */
export function recordOf({ id, createdAtMs }: Instance, claims: ReadonlyMap<string, NodeRecord>): NodeRecord | null {
  const record = claims.get(id);
  return record !== undefined && (record.firstPingAtMs ?? 0) >= createdAtMs ? record : null;
}

/**
 * Records of earlier nodes that a new machine can take over: neither written nor given away for so long, and of no machine there is. Those
 * with a place in the queue's table come first, since it is those that would run out.
 */
export function reusableRecords(
  records: readonly NodeRecord[],
  instances: readonly Instance[],
  nowMs: number,
  staleAfterMs: number,
): NodeRecord[] {
  const isOld = (atMs: number | null): boolean => atMs === null || nowMs - atMs > staleAfterMs;
  const old = records.filter(({ changedAtMs, assignedAtMs, running }) => running.length === 0 && isOld(changedAtMs) && isOld(assignedAtMs));
  if (old.length === 0) return [];
  const ids = new Set(instances.map(({ id }) => id));
  return old
    .filter(({ instanceId }) => instanceId === null || !ids.has(instanceId))
    .toSorted((a, b) => (b.slot ?? -1) - (a.slot ?? -1) || (a.name < b.name ? -1 : 1));
}
