/* The part of the wire that agents use: no zod in here (see server-messages.ts). */
export {
  closeCodes,
  maxMessageBytes,
  protocolVersion,
  spokenProtocols,
  taskLanes,
  type AgentSettings,
  type JournalOpenMessage,
  type MoveMessage,
  type ServerMessage,
  type TaskLane,
  type TaskMessage,
  type TaskWork,
} from './server-messages.ts';
export { readServerMessage } from './read-server-message.ts';
export type {
  ArtifactReference,
  EnsureEnvironment,
  EnvironmentRecipe,
  EnvironmentTask,
  PackageListing,
  RemoveEnvironment,
} from './environment-task.ts';
export {
  authorityHint,
  hintsAt,
  nodeIdOfUri,
  nodeUri,
  serverIdentity,
  serverIdOfUri,
  serverUri,
  type EnrolmentAnswer,
} from './identity.ts';
export { decodeJoinToken, encodeJoinToken, type JoinTokenContent } from './join-token.ts';
export type { AgentMessage } from './protocol.ts';
export type { EnrolmentRequest } from './enrolment.ts';
export type { EnvironmentsReport } from '../environment/node-environment.ts';
export type { Facts, Gpu, InterfaceAddress, ServiceReport, ServicesReport } from '../node/facts.ts';
