export { openStore, type Store, type StoreOptions } from './store.ts';
export type { StoreConnection } from './connection.ts';
export { createDatabase } from './create-database.ts';
export {
  AddressTaken,
  EmbeddedPostgresError,
  isStoreUnavailable,
  NodeExists,
  NodeNotFound,
  RevisionConflict,
  StoreRefused,
  StoreUnavailable,
  type EmbeddedPostgresFailure,
  type StoreRefusal,
} from './errors.ts';
export type { NodeTable, RemovedNode } from './tables/nodes.ts';
export type { NodeListQuery } from './tables/node-list.ts';
export type { LastSeen, PresenceTable } from './tables/node-presence.ts';
export type { HealthChange, HealthSubject, HealthTable } from './tables/node-health.ts';
export type { ObservationTable } from './tables/node-observations.ts';
export type { CertificateStatus, CertificateTable, SignedCertificate } from './tables/certificates.ts';
export type { EnrolmentTable, EnrollingNode, RedeemOutcome, RedeemRefusal, RedeemRequest } from './tables/enrolment.ts';
export type { EventFilter, EventTable, NewEvent } from './tables/events.ts';
export type { EventListener } from './tables/event-listener.ts';
export type { AuthorityTable, SealedAuthority, StoredAuthority } from './tables/authority.ts';
export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded/start-embedded-postgres.ts';
export type { PostgresExit } from './embedded/postmaster.ts';
export { chooseDataDir, type ChosenDataDir } from './embedded/choose-data-dir.ts';
