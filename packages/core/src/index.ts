export type { Clock } from './clock.ts';
export type { Log, LogFields } from './log.ts';
export { decidePromotion, type PromotableCopy, type PromotionDecision, type PromotionPicture } from './pool/decide-promotion.ts';
export { decideStepAside, isNearlyFull, type StepAside, stepAside, type StepAsidePicture } from './pool/decide-step-aside.ts';
export { type DatabaseSight, describeDatabase, hostOf, hostsOfMember, type SeenCopy, type SeenReplica } from './pool/describe-database.ts';
export { decideMembers, type MemberPicture, poolTimes } from './pool/decide-members.ts';
export { firstCertificateEnd, memberWarnings } from './pool/member-warnings.ts';
export { shareToWaitFor, upgradeOrder, whyNotStop } from './pool/plan-upgrade.ts';
export {
  type AuthorityGeneration,
  type AuthorityRotation,
  type AuthorityUse,
  authorityUse,
  judgeStep,
  nodeLag,
  type NodeStanding,
  serverLag,
  type ServerStanding,
  type StepOutcome,
  type StepQuestion,
  type StepVerdict,
} from './authority/authority-rotation.ts';
export { type ConsoleChoice, consoleKindOf, type ConsoleWays } from './consoles/console-kind.ts';
export { joined, left, nobodyAtConsole, type Pen, type PenAnswer, taken, typed } from './consoles/pen.ts';
export { consoleOfRedfish, type RedfishConsole, type RedfishDocument } from './consoles/redfish-console.ts';
export { emptyScrollback, type Scrollback, scrollbackBytes, shownMore } from './consoles/scrollback.ts';
export { explainSol, type SolInput, solInputOf } from './consoles/sol-input.ts';
export { fleetTiming, longestReconnectSeconds, restartGraceSeconds, type FleetTiming } from './fleet/fleet-timing.ts';
export { decideHealth, nearEndShare, sameVerdict, type HealthInput, type HealthVerdict } from './health/decide-health.ts';
export { shownServices } from './health/shown-services.ts';
export {
  drawFigures,
  figureResolutions,
  figureSteps,
  type FigureRefusal,
  type FigureSpan,
  type FigureSteps,
  type FleetSample,
  type TaskSample,
} from './figures/index.ts';
export {
  askedByRules,
  composeMail,
  type ComposedMail,
  decideRetry,
  type FailedAttempt,
  isWanted,
  type NotificationRule,
  type NotifiedNode,
  type PlannedNotification,
  planNotifications,
  severityIncludes,
  type RetryDecision,
  webhookBody,
} from './notifications/index.ts';
export type { JobAside, QueueNode, QueuePort, QueueSight } from './elastic/ports/queue-port.ts';
export {
  type Alert as ElasticAlert,
  type AlertCode as ElasticAlertCode,
  type CreateLine,
  decidePlan,
  type ElasticConfig,
  elasticDefaults,
  type ElasticPicture,
  type ElasticPlan,
  type HaltBecause,
  type Instance,
  type InstanceType,
  type Job,
  type Kept as ElasticKept,
  type LeftBecause as ElasticLeftBecause,
  type LeftLine as ElasticLeftLine,
  type Need,
  type NodePair,
  type NodeRecord,
  type ObservedAt,
  pairNodes,
  type PictureChange,
  type PlanFigures,
  Planner,
  type PoolConfig,
  poolDefaults,
  type PowerOnLine,
  type ReadyRule,
  type RecentFailure,
  type RunningWork,
  type Schedule,
  type ServedLine,
  type SetChange,
  type StopBecause,
  type StopLine,
  type StopWindow,
  stopWindow,
  type UndrainBecause,
  type UndrainLine,
  type UnsatisfiableBecause,
  type UnsatisfiableLine,
  type WaitingBecause,
  type WaitingLine,
  type WantedBecause,
  windowsProblem,
} from './elastic/index.ts';
export { joinInstructions, type JoinInstructions } from './enrolment/join-instructions.ts';
export { canonicalAddress, isGlobalAddress, mainAddressOf } from './nodes/addresses.ts';
export { changedNode, contradictionIn, type DecidedChange, saysNothing } from './nodes/change-node.ts';
export { decideDrain, type DrainDecision, type DrainInput } from './nodes/decide-drain.ts';
export { fieldValue, type FieldValue } from './nodes/field-value.ts';
export { nodeCsvHeader, nodeCsvLine } from './nodes/node-csv.ts';
export { filterKeys, labelIn, type NodeField, nodeFields, sortKeys } from './nodes/node-fields.ts';
export type { Comparison, NodeFilter, NodeSort } from './nodes/node-filter.ts';
export { inventoryWorld } from './nodes/inventory-world.ts';
export { hostnameDiffers, mismatchesOf } from './nodes/node-mismatch.ts';
export { askedBy, type AskedOfWorld, nodeWorld, type WorldNode, worldNodeOf } from './nodes/node-world.ts';
export { nodesInventory } from './nodes/nodes-inventory.ts';
export { parseNodeQuery, type ParsedNodeQuery } from './nodes/parse-node-query.ts';
export { selectNodes } from './nodes/select-nodes.ts';
export {
  type ActedNode,
  type Actor,
  type NodeAction,
  nodeActions,
  permissionRefusalOf,
  refusalOf,
  roleIncludes,
  stateRefusalOf,
} from './permissions/node-actions.ts';
export {
  type MoveLimits,
  moveLimits,
  type MovePicture,
  type MovePlan,
  placedMember,
  placeNodes,
  type PlacedMember,
  type PlacedNode,
  type Placement,
  planMoves,
  type PlannedMove,
  serversOf,
} from './placement/index.ts';
export { RateLimit } from './rate-limit.ts';
export { parseDuration } from './text/duration.ts';
export { type Moment, parseMoment } from './text/moment.ts';
export { type BrakeCount, type BrakeVerdict, decideBrake } from './liveness/decide-brake.ts';
export {
  type ChangeLine,
  decideLiveness,
  type LeftBecause,
  type LeftLine,
  type LivenessNode,
  type LivenessPicture,
  type LivenessPlan,
  type RestartLine,
} from './liveness/decide-liveness.ts';
export { livenessLimits, type LivenessTimes, livenessTimes, restartDelayMs } from './liveness/liveness-times.ts';
export {
  decideOperation,
  failuresIn,
  foldResults,
  nextTaskState,
  noTasks,
  openTaskStates,
  operationEnd,
  type OperationPicture,
  type OperationPlan,
  type OperationStep,
  planOperation,
  type ResultGroup,
  signalStates,
  type TaskOutcome,
  type TaskSignal,
} from './operations/index.ts';
export { grantOfClaims, type ClaimRules } from './permissions/grant-of-claims.ts';
export { grantRefusal, lesserGrant, type Giver } from './permissions/grants.ts';
export { auditCsvHeader, auditCsvLine } from './audit/audit-csv.ts';
export { type AuditedRecord, type MemberDifference, recordDifference } from './audit/record-difference.ts';
export { forServer, type RunBeginning, type RunOutcome, RunRecord } from './runs/run-record.ts';
export { csvLine } from './text/csv-line.ts';
export { nearest } from './text/nearest.ts';
export {
  graphLines,
  type HostConnection,
  hostText,
  Inventory,
  InventoryError,
  type InventoryFiles,
  type InventoryGroup,
  type InventoryValue,
  listText,
  plainDocument,
  readExtraVariables,
  readInventory,
  type SecretPlace,
  secretProblems,
  textOf,
  type Variables,
} from './inventory/index.ts';
export {
  type AttributeValue,
  compareNatural,
  expandRange,
  type ExpandOptions,
  foldNames,
  inlineRangeFiles,
  type InlinedRange,
  NodeRangeError,
  parseRange,
  type RangeAst,
  type RangeWorld,
} from './range/index.ts';
export {
  afterTask,
  condaFileProblem,
  decideEnvironments,
  type EndedWork,
  type EnvironmentDecision,
  type EnvironmentPicture,
  type EnvironmentSettings,
  normalizedName,
  type PicturedEnvironment,
  type PicturedNode,
  type PicturedWork,
  planSync,
  readRequirements,
  type Requirement,
  selectedNodes,
  showEnvironments,
  type ShownEnvironments,
  unknownEnvironments,
  type WorkChange,
  worldOf,
  writeRequirements,
} from './environments/index.ts';
