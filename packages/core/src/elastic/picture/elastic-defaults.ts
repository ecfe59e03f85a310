import type { ElasticConfig, PoolConfig } from './elastic-picture.ts';

const second = 1000;
const minute = 60 * second;

/** What holds where a person has configured nothing: at most one node, stopped in the last five minutes of each paid hour. */
export const elasticDefaults: ElasticConfig = {
  minNodes: 0,
  maxNodes: 1,
  maxPricePerHourMicros: null,
  pools: [],
  memoryFactor: 0.95,
  windowsMinutes: [55, 5],
  idleLooks: 2,
  jobsPerNode: null,
  maximumPriceFactor: null,
  priceCapOrder: 'queue',
  freeAtLimit: true,
  staleAfterMs: 10 * minute,
  bootFailAfterMs: 30 * minute,
  nodeStaleAfterMs: 120 * minute,
  stopStuckAfterMs: 10 * minute,
  quotaProbeAfterMs: minute,
  capacityBackoffMs: minute,
  capacityBackoffMaxMs: 30 * minute,
  badImageFailures: 10,
  brakeNodes: 3,
  brakeShare: 0.45,
  disagreementAlertAfterMs: 60 * minute,
};

/** A pool for which nothing is configured. */
export const poolDefaults = (name: string): PoolConfig => ({
  name,
  minNodes: 0,
  maxNodes: null,
  maxPricePerHourMicros: null,
  ready: [],
  revision: null,
  disruptedAtOnce: 1,
});
