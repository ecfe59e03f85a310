export type { Clock } from './clock.ts';
export type { Log, LogFields } from './log.ts';
export { fleetTiming, longestReconnectSeconds, restartGraceSeconds, type FleetTiming } from './fleet/fleet-timing.ts';
export { decideHealth, sameVerdict, type HealthInput, type HealthVerdict } from './health/decide-health.ts';
export { shownServices } from './health/shown-services.ts';
export { parseNodeQuery, type NodeFilter, type NodeSort, type ParsedNodeQuery } from './nodes/parse-node-query.ts';
export { RateLimit } from './rate-limit.ts';
export { nearest } from './text/nearest.ts';
export {
  type HostConnection,
  Inventory,
  InventoryError,
  type InventoryFiles,
  type InventoryGroup,
  type InventoryValue,
  readInventory,
  textOf,
  type Variables,
} from './inventory/index.ts';
export {
  type AttributeValue,
  expandRange,
  type ExpandOptions,
  foldNames,
  NodeRangeError,
  parseRange,
  type RangeAst,
  type RangeWorld,
} from './range/index.ts';
