export { type NodePair, pairNodes } from './pairing/pair-nodes.ts';
export { elasticDefaults, poolDefaults } from './picture/elastic-defaults.ts';
export type {
  ElasticConfig,
  ElasticPicture,
  Instance,
  InstanceType,
  Job,
  Kept,
  Need,
  NodeRecord,
  ObservedAt,
  PoolConfig,
  ReadyRule,
  RecentFailure,
  RunningWork,
  Schedule,
} from './picture/elastic-picture.ts';
export { decidePlan } from './plan/decide-plan.ts';
export type { PictureChange, SetChange } from './plan/elastic-index.ts';
export type {
  Alert,
  AlertCode,
  CreateLine,
  ElasticPlan,
  HaltBecause,
  LeftBecause,
  LeftLine,
  PlanFigures,
  PowerOnLine,
  ServedLine,
  StopBecause,
  StopLine,
  UndrainBecause,
  UndrainLine,
  UnsatisfiableBecause,
  UnsatisfiableLine,
  WaitingBecause,
  WaitingLine,
  WantedBecause,
} from './plan/elastic-plan.ts';
export { Planner } from './plan/planner.ts';
export { type StopWindow, stopWindow, windowsProblem } from './windows/stop-window.ts';
