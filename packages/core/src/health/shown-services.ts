import type { HealthState, NodeServices, ServicesReport } from '@muster/api';

/**
 * The services of a node as a person may believe them: of a node that is not heard nothing is known, whatever the last
 * report said.
 */
export function shownServices(report: ServicesReport | null, health: HealthState): NodeServices {
  if (report === null) return { unavailableReason: 'no report yet', items: [] };
  if (!report.available) return { unavailableReason: report.reason, items: [] };
  const heard = health === 'good' || health === 'degraded';
  const items = report.services.map((service) =>
    heard ? service : { unit: service.unit, state: 'unknown' as const, detail: 'the node is not heard', since: null },
  );
  return { unavailableReason: null, items };
}
