import type { HealthState, NodeServices, ServicesReport, StoppedService } from '@muster/api';
import { isStopped } from './stopped-state.ts';

/**
 * The services of a node as a person may believe them: of a node that is not heard nothing is known, whatever the last
 * report said.
 */
export function shownServices(
  report: ServicesReport | null,
  health: HealthState,
  stoppedOnPurpose: readonly StoppedService[] = [],
): NodeServices {
  if (report === null) return { unavailableReason: 'no report yet', items: [] };
  if (!report.available) return { unavailableReason: report.reason, items: [] };
  const heard = health === 'good' || health === 'degraded';
  const items = report.services.map((service) => {
    if (!heard) return { unit: service.unit, state: 'unknown' as const, detail: 'the node is not heard', since: null };
    const stopped = isStopped(service.state) ? stoppedOnPurpose.find(({ unit }) => unit === service.unit) : undefined;
    return stopped === undefined ? service : { ...service, stoppedOnPurpose: { by: stopped.by, at: stopped.at } };
  });
  return { unavailableReason: null, items };
}
