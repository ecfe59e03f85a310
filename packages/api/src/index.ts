export { IpAddress, NodeName } from './node/name.ts';
export { HealthReason, HealthState, NodeHealth } from './node/health.ts';
export { Facts, Gpu, InterfaceAddress, ServiceReport, ServicesReport, ServiceState } from './node/facts.ts';
export {
  JoinToken,
  Node,
  NodeCertificate,
  NodeCreate,
  nodeFilterKeys,
  NodeList,
  NodeReplace,
  NodeService,
  NodeServices,
  nodeSortKeys,
  type NodeFilterKey,
  type NodeSortKey,
} from './node/node.ts';
export { Event, EventList, type EventKind } from './node/event.ts';
export { Problem, problem, ProblemError, problemStatus, type ProblemCode } from './http/problem.ts';
export { EventQuery, NodeQuery, routes, type Route, type RouteName, type Routes } from './http/routes.ts';
export { ServerStatus, Session, SetPassword, SignIn, SignInLink, SignInLinkRequest } from './http/session.ts';
export { apiPrefix, callUrl, createClient, type Client, type FetchLike } from './http/client.ts';
export { openApiDocument } from './http/openapi.ts';
export { AgentMessage } from './agent/protocol.ts';
export { closeCodes, maxMessageBytes, protocolVersion, type AgentSettings, type ServerMessage } from './agent/server-messages.ts';
export { EnrolmentRequest } from './agent/enrolment.ts';
export { nodeIdOfUri, nodeUri, serverIdentity, type EnrolmentAnswer } from './agent/identity.ts';
export { decodeJoinToken, encodeJoinToken, type JoinTokenContent } from './agent/join-token.ts';
