import type { Kept, NodeRecord } from '../picture/elastic-picture.ts';
import { hasWork } from '../sight/node-sight.ts';
import type { ElasticIndex } from './elastic-index.ts';
import type { Alert } from './elastic-plan.ts';
import { readableMinutes } from './words.ts';

/**
 * Nodes that work, and whose machine no provider has. They are left alone, since it is not worth the risk of stopping work; a person is told
 * once it has lasted.
 */
export function pairingAlerts(
  records: readonly NodeRecord[],
  { nowMs, config, kept }: ElasticIndex,
): { alerts: Alert[]; withoutInstanceSinceMs: Kept['withoutInstanceSinceMs'] } {
  const alerts: Alert[] = [];
  const withoutInstanceSinceMs = new Map<string, number>();
  for (const record of records) {
    const { name, state, changedAtMs, lastPingAtMs } = record;
    const isFresh = [changedAtMs, lastPingAtMs ?? changedAtMs].every((atMs) => nowMs - atMs <= config.nodeStaleAfterMs);
    if (record.instanceId === null || !isFresh || !(state === 'idle' || hasWork(record))) continue;
    const sinceMs = kept?.withoutInstanceSinceMs.get(name) ?? nowMs;
    withoutInstanceSinceMs.set(name, sinceMs);
    if (nowMs - sinceMs < config.disagreementAlertAfterMs) continue;
    const message = `${name} works, and its provider has had no machine ${record.instanceId} for ${readableMinutes(nowMs - sinceMs)}. It is left alone: look at both.`;
    alerts.push({ code: 'node-without-instance', about: name, message });
  }
  return { alerts, withoutInstanceSinceMs };
}
