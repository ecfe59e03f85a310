export { checkStore, openStore, type Store, type StoreTables, type StoreOptions } from './store.ts';
export { Reading } from './reading.ts';
export type { StoreConnection } from './connection.ts';
export { createDatabase } from './create-database.ts';
export type { MergedCertificates } from './backup/carried-certificates.ts';
export type { JournalledCertificate } from './backup/journalled-certificate.ts';
export { type Restored, type RestoreOptions, restoreSnapshot } from './backup/restore-snapshot.ts';
export { moveDatabase } from './backup/move-database.ts';
export { type SnapshotOptions, takeSnapshot } from './backup/take-snapshot.ts';
export {
  ActionRefused,
  AddressTaken,
  AuthorityRetired,
  ApiKeyNotFound,
  ArtifactInUse,
  ArtifactNotFound,
  ControllerNotFound,
  EmbeddedPostgresError,
  EnvironmentChanged,
  EnvironmentExists,
  EnvironmentNotFound,
  isStoreUnavailable,
  LastAdministrator,
  NodeExists,
  NodeNotFound,
  OperationNotFound,
  PersonExists,
  PersonNotFound,
  RevisionConflict,
  StoreRefused,
  StoreUnavailable,
  SubscriptionNotFound,
  WebhookExists,
  WebhookNotFound,
  ViewExists,
  LeaseLost,
  MemberNotFound,
  MemberStillThere,
  MemberSuperseded,
  InventoryNotFound,
  RunInProgress,
  RunNotFound,
  ViewNotFound,
  TooManyTasks,
  type EmbeddedPostgresFailure,
  type StoreRefusal,
} from './errors.ts';
export type { DecidedBy, NodeTable, RemovedNode } from './tables/nodes.ts';
export type { NodeListQuery, NodeSelection, WorldRow } from './tables/node-list.ts';
export type { NodeAct } from './tables/node-action.ts';
export type { AdministrationTable, DrainSubject, MeantNode } from './tables/administration.ts';
export type { NewInventory, SavedInventoryTable } from './tables/saved-inventories.ts';
export { finishedEvent, phaseEvent, type ServerRun, type ServerRunTable } from './tables/server-runs.ts';
export type { StoredView, ViewTable } from './tables/views.ts';
export type { ArtifactTable } from './tables/artifacts.ts';
export type { StoredEnvironment } from './tables/environment-row.ts';
export type { DecidedEnvironment, EnvironmentTable, ReadDefinition } from './tables/environments.ts';
export type { EnvironmentWorkTable, FinishedWork, StartedWork } from './tables/environment-work.ts';
export type { EnvironmentPackagesTable, StoredListing } from './tables/environment-packages.ts';
export type { LastSeen, PresenceTable } from './tables/node-presence.ts';
export type { HealthChange, HealthSubject, HealthTable } from './tables/node-health.ts';
export type { ObservationTable } from './tables/node-observations.ts';
export type { CertificateJournalTable } from './tables/certificate-journal.ts';
export type { CertificateStatus, CertificateTable, SignedCertificate } from './tables/certificates.ts';
export type { EnrolmentTable, EnrollingNode, RedeemOutcome, RedeemRefusal, RedeemRequest } from './tables/enrolment.ts';
export type { EventFilter, EventTable, NewEvent } from './tables/events.ts';
export type { ApiKeyTable, KeyOwner, NewKey, UsableKey } from './tables/api-keys.ts';
export type { AuditSearch } from './tables/audit-list.ts';
export type { AuditResult, AuditTable, NewAuditEntry } from './tables/audit.ts';
export type { IdentityTable, ProvidedIdentity } from './tables/identities.ts';
export type { NewPerson, PeopleTable } from './tables/people.ts';
export type { AllowPersonChange, ChangedPerson } from './tables/person-change.ts';
export type { SignInLinkTable } from './tables/sign-in-links.ts';
export type { EventListener } from './tables/event-listener.ts';
export type { ConsoleHold, ConsoleHolder, ConsoleHolding, ConsoleHoldTable } from './tables/console-holds.ts';
export type { ControllerTable, KeptController, NewController } from './tables/controllers.ts';
export type { AgentControlTable, ControlKey } from './tables/agent-control.ts';
export type { HeldLease, LeaseTable } from './tables/leases.ts';
export type { NodeServers, NodeServerTable } from './tables/node-servers.ts';
export type { MemberSign, MemberTable } from './tables/members.ts';
export type { BrakeReason, LivenessBrake, LivenessBrakeTable } from './tables/liveness-brake.ts';
export type { AgentChange, AgentSubject, NodeAgentTable } from './tables/node-agent.ts';
export type { NotificationTarget, WebhookTable } from './tables/notification-targets.ts';
export type { NewSubscription, SubscriptionTable } from './tables/subscriptions.ts';
export type { Claimed, ClaimedDelivery, DeliveryTable, DeliveryTimes, FreshEvents } from './tables/deliveries.ts';
export type { EndedTask, FigureTable, FleetSnapshot, NodeCount, NodeFigures } from './tables/fleet-figures.ts';
export type { Samples, SampleTable } from './tables/fleet-samples.ts';
export type { NewOperation, OperationFilter, OperationTable, RunningOperation } from './tables/operations.ts';
export type { StoppedServiceTable } from './tables/stopped-services.ts';
export type { TaskFilter, TaskTable } from './tables/tasks.ts';
export type { AuthorityTable } from './tables/authority.ts';
export type { AuthorityState, NewStoredAuthority, SealedAuthority, StoredAuthority, StoredRotation } from './tables/authority-rows.ts';
export type { AuthorityServer, NodeRoots } from './tables/authority-standings.ts';
export type { AuthorityChange, AuthorityPicture, AuthorityStepping } from './tables/authority-step.ts';
export type { Overlap, TakenHook } from './tables/certificate-life.ts';
export type { CertificateListQuery, CertificatePage } from './tables/certificate-list.ts';
export type { EndedCertificate, Revoked, RevokedEntry } from './tables/certificate-revocation.ts';
export type { DeliverableTask, ServerTask, TaskDeliveryTable, TaskResult } from './tables/task-delivery.ts';
export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded/start-embedded-postgres.ts';
export type { PostgresExit } from './embedded/postmaster.ts';
export { chooseDataDir, type ChosenDataDir } from './embedded/choose-data-dir.ts';
