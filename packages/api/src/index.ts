export { IpAddress, NodeName } from './node/name.ts';
export { HealthReason, HealthState, NodeHealth } from './node/health.ts';
export { Facts, Gpu, InterfaceAddress, ServiceReport, ServicesReport, ServiceState } from './node/facts.ts';
export {
  JoinToken,
  Node,
  NodeAgent,
  NodeCertificate,
  NodeCreate,
  nodeFilterKeys,
  NodeList,
  NodeMaintenance,
  NodeMismatch,
  NodeReplace,
  NodeScheduling,
  NodeService,
  NodeServices,
  NodeSources,
  StoppedService,
  nodeSortKeys,
  type NodeFilterKey,
  type NodeSortKey,
} from './node/node.ts';
export { NodeActionRequest, NodeActionResult, type ParsedNodeAction } from './node/node-action.ts';
export {
  type DatabaseCopy,
  type Lease,
  type Member,
  type MemberCertificate,
  type MovedNodes,
  type PoolDatabase,
  PoolStatus,
  type Promotion,
} from './pool/pool.ts';
export { RunStart } from './run/run-start.ts';
export {
  InventoryDocument,
  InventoryHosts,
  InventoryName,
  InventorySave,
  maxInventoryBytes,
  registeredInventory,
  SavedInventory,
  SavedInventoryList,
  secretsFolder,
} from './run/saved-inventory.ts';
export { ProvisionRun, type ProvisionRunSummary, type RunCounts, type RunHost, RunPhase } from './run/provision-run.ts';
export { maxRangeInQuery, NodeView, NodeViewCreate, NodeViewQuery } from './node/node-view.ts';
export {
  AgentCheck,
  AgentCheckRequest,
  AgentControl,
  AgentControlList,
  AgentControlSet,
  ControlKeyRotation,
  RotateControlKey,
  controlUser,
  HostKey,
} from './node/agent-control.ts';
export {
  ConsoleKind,
  ConsoleNotice,
  ConsolePresence,
  ConsoleQuery,
  ConsoleRecording,
  ConsoleRecordingList,
  ConsoleViewer,
  ConsoleWish,
  maxConsoleMessageBytes,
  NodeConsole,
  NodeController,
  NodeControllerSet,
  OpenConsole,
} from './node/console.ts';
export { JournalEnded, JournalLine, JournalLines, maxJournalLines } from './node/journal.ts';
export { Event, EventList, type EventKind } from './node/event.ts';
export { Problem, problem, ProblemError, problemStatus, type ProblemCode, type ProblemPart } from './http/problem.ts';
export type { Route, RouteAccess } from './http/route.ts';
export { routes, type RouteName, type Routes } from './http/routes.ts';
export { NodeExportQuery, NodeQuery } from './http/routes/node-routes.ts';
export { ExpandedRange, KnownNames } from './http/routes/range-routes.ts';
export {
  Artifact,
  ArtifactCreate,
  ArtifactList,
  ArtifactName,
  ArtifactUpload,
  maxUploadPieceBytes,
  Sha256,
} from './environment/artifact.ts';
export { EnvironmentDefinition, type EnvironmentKind, EnvironmentName } from './environment/definition.ts';
export {
  Environment,
  EnvironmentClone,
  EnvironmentCounts,
  EnvironmentCreate,
  EnvironmentExport,
  EnvironmentList,
  EnvironmentPackage,
  EnvironmentPackages,
  EnvironmentReplace,
  EnvironmentSummary,
  EnvironmentVersion,
} from './environment/environment.ts';
export {
  EnvironmentDifference,
  EnvironmentsReport,
  EnvironmentSync,
  EnvironmentWork,
  NodeEnvironment,
  NodeEnvironmentList,
  NodeSync,
  NodeSyncList,
  SyncAnswer,
  SyncRequest,
} from './environment/node-environment.ts';
export { ArtifactQuery, UploadQuery } from './http/routes/artifact-routes.ts';
export {
  EnvironmentNodesQuery,
  EnvironmentQuery,
  ExportQuery,
  NodeSyncQuery,
  PackagesQuery,
  RemoveEnvironmentQuery,
} from './http/routes/environment-routes.ts';
export { OperationQuery, TaskQuery } from './http/routes/operation-routes.ts';
export { JournalQuery } from './http/routes/agent-routes.ts';
export { EventQuery } from './http/routes/event-routes.ts';
export { CertificateQuery } from './http/routes/trust-routes.ts';
export { AuthorityInfo, AuthorityStatus, AuthorityStep, Laggard, RotationPhase, RotationStep } from './trust/authority.ts';
export {
  Certificate,
  CertificateList,
  CertificateRevocation,
  CertificateState,
  RevocationReason,
  RevokedCertificates,
} from './trust/certificate.ts';
export { FigureQuery, maxFigurePoints } from './http/routes/figure-routes.ts';
export { FleetFigures, TaskFigures } from './figures/fleet-figures.ts';
export { OwnSubscriptionCreate, Subscription, SubscriptionCreate, SubscriptionList } from './notification/subscription.ts';
export { NotificationTest, Webhook, WebhookCreate, WebhookList, WebhookSecret } from './notification/webhook.ts';
export {
  endedTaskStates,
  maxTaskOutputBytes,
  maxExpirySeconds,
  maxTaskSeconds,
  maxWaitingTasks,
  NodeRange,
  Operation,
  OperationCreate,
  type OperationKind,
  OperationList,
  OperationResult,
  OperationSpec,
  ServiceAction,
  Task,
  TaskCounts,
  TaskList,
  TaskOutput,
  TaskState,
  UnitName,
} from './operation/operation.ts';
export { AuditEntry, AuditExportQuery, AuditList, AuditQuery } from './people/audit.ts';
export { ApiKey, ApiKeyCreate, ApiKeyList, maxKeyDays, NewApiKey } from './people/api-key.ts';
export { Grant, Invitation, InvitationRequest, Person, PersonChange, PersonInvite, PersonList, Role } from './people/person.ts';
export { OidcProblem } from './people/oidc-problem.ts';
export { RecoveryCodes, SignInMethods, TwoFactorSetup, TwoFactorState } from './people/two-factor.ts';
export { isSecret, secretText } from './http/secret-text.ts';
export { AgentLiveness, ServerStatus, Session, SetPassword, SignIn, SignInLink, SignInLinkRequest } from './http/session.ts';
export { apiPrefix, callUrl, createClient, dataAgeHeader, type Client, type FetchLike } from './http/client.ts';
export { openApiDocument } from './http/openapi.ts';
export { AgentMessage } from './agent/protocol.ts';
export {
  closeCodes,
  maxMessageBytes,
  spokenProtocols,
  taskLanes,
  type AgentSettings,
  type JournalOpenMessage,
  type ServerMessage,
  type TaskLane,
  type TaskMessage,
  type TaskWork,
} from './agent/server-messages.ts';
export { EnrolmentRequest } from './agent/enrolment.ts';
export type {
  ArtifactReference,
  EnsureEnvironment,
  EnvironmentRecipe,
  EnvironmentTask,
  PackageListing,
  RemoveEnvironment,
} from './agent/environment-task.ts';
export {
  authorityHint,
  hintsAt,
  nodeIdOfUri,
  nodeUri,
  serverIdentity,
  serverIdOfUri,
  serverUri,
  type EnrolmentAnswer,
} from './agent/identity.ts';
export { decodeJoinToken, encodeJoinToken, type JoinTokenContent } from './agent/join-token.ts';
