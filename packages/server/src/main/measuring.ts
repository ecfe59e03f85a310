import { makeMetrics, type Metrics } from '../metrics/metrics.ts';
import type { Fleet } from './fleet.ts';
import type { Foundation } from './foundation.ts';

/** What is counted and measured for whoever watches the installation from outside. */
export function makeMeasuring({ config, store, clock, log, version }: Foundation, { gateway }: Fleet): Metrics {
  return makeMetrics({
    ...{ store, clock, log, version },
    refusals: () => gateway.refusals(),
    liveness: async () => ({ isBraking: (await store.brake.read()).onSince !== null }),
    mostNodes: config.metrics.nodes,
  });
}
