import { z } from 'zod';
import { Facts, ServiceState } from './facts.ts';
import { NodeHealth } from './health.ts';
import { IpAddress, NodeName } from './name.ts';

const Label = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$/u, {
    error: 'a label key has letters, digits, dots, slashes, hyphens and underscores, and begins and ends with a letter or digit',
  });
export const GroupName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/u, {
    error: 'a group name has letters, digits, underscores and hyphens',
  });

/** What a person decides about a node. The rest of a node is observed. */
const decided = {
  name: NodeName,
  privateIp: IpAddress.nullable(),
  publicIp: IpAddress.nullable(),
  labels: z.record(Label, z.string().max(255)),
  groups: z.array(GroupName).max(64),
  /** Whether operations on environments are scheduled for the node. */
  environments: z.enum(['on', 'off']),
  notes: z.string().max(4000),
};

/** Who said what a node is called and where it is. */
const Source = z.enum(['administrator', 'inventory', 'agent']);
export const NodeSources = z.object({ name: Source, privateIp: Source.nullable(), publicIp: Source.nullable() });
export type NodeSources = z.infer<typeof NodeSources>;

/** A member that was decided and is reported otherwise, with both values. */
export const NodeMismatch = z.object({
  member: z.enum(['hostname', 'privateIp', 'publicIp']),
  decided: z.string(),
  reported: z.string(),
});
export type NodeMismatch = z.infer<typeof NodeMismatch>;

/** Somebody works on the node: nothing restarts its agent, and its health calls nobody. */
export const NodeMaintenance = z.object({
  reason: z.string(),
  by: z.string(),
  since: z.iso.datetime(),
  /** When it ends by itself; null for when somebody ends it. */
  until: z.iso.datetime().nullable(),
});
export type NodeMaintenance = z.infer<typeof NodeMaintenance>;

/**
 * Whether new work may come to the node. `cordoned`: nothing new. `draining`: nothing new, and what runs is awaited. `drained`: nothing
 * runs any more.
 */
export const NodeScheduling = z.object({
  state: z.enum(['open', 'cordoned', 'draining', 'drained']),
  reason: z.string(),
  by: z.string().nullable(),
  since: z.iso.datetime().nullable(),
  /** By when a drain should be done; after it a warning says what still runs, and the drain goes on. Null for whenever it is. */
  deadline: z.iso.datetime().nullable().optional(),
});
export type NodeScheduling = z.infer<typeof NodeScheduling>;

/**
 * The agent's process, as the server treats it. `stopped`: somebody stopped it on purpose, and nothing starts it again.
 * `restarting`: it is not heard, and the server tries to restart it. `needs-attention`: it tried often enough.
 */
export const NodeAgent = z.object({
  state: z.enum(['normal', 'stopped', 'restarting', 'needs-attention']),
  message: z.string(),
  since: z.iso.datetime().nullable(),
  /** Restarts that were tried since it was last heard. */
  attempts: z.number().int().nonnegative(),
});
export type NodeAgent = z.infer<typeof NodeAgent>;

/** What the server and the agent observed. Ignored when it comes back in a PUT. */
const observed = {
  id: z.uuid(),
  /** `registered` only once a certificate was signed for the node. */
  registration: z.enum(['pending', 'registered']),
  registeredAt: z.iso.datetime().nullable(),
  health: NodeHealth,
  /** Whether an agent's connection is open now. */
  connected: z.boolean(),
  lastHeartbeatAt: z.iso.datetime().nullable(),
  /** Seconds since the last heartbeat at the time of the answer, by the server's clock. */
  heartbeatAgeSeconds: z.number().nonnegative().nullable(),
  /** Clock of the node minus clock of the server. Shown, never used for decisions. */
  clockSkewSeconds: z.number().nullable(),
  facts: Facts.nullable(),
  /** The agent's main address by its own word: what to show where no private address was decided. */
  reportedIp: z.string().nullable().optional(),
  /** Serial of the certificate in use; see `/nodes/{node}/certificates`. */
  certificateSerial: z.string().nullable(),
  certificateExpiresAt: z.iso.datetime().nullable(),
  /** When the certificate in use was issued: the last rotation. */
  certificateIssuedAt: z.iso.datetime().nullable(),
  /** Where what is decided comes from, member by member; `agent` where nobody said and the agent's word is shown. */
  sources: NodeSources,
  /** What the agent reports otherwise than was decided. */
  mismatches: z.array(NodeMismatch),
  maintenance: NodeMaintenance.nullable(),
  scheduling: NodeScheduling,
  /** What is known of the agent's process, and what was done about it. */
  agent: NodeAgent,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
};

/** A node as the API shows it. What GET gives, PUT takes back unchanged. */
export const Node = z.object({
  ...observed,
  ...decided,
  /** Grows with each change of what a person decided. A PUT that names an older one is refused. */
  revision: z.number().int().positive(),
});
export type Node = z.infer<typeof Node>;

export const NodeCreate = z.strictObject({
  name: NodeName,
  privateIp: IpAddress.nullable().default(null),
  publicIp: IpAddress.nullable().default(null),
  labels: decided.labels.default({}),
  groups: decided.groups.default([]),
  environments: decided.environments.default('on'),
  notes: decided.notes.default(''),
});
export type NodeCreate = z.infer<typeof NodeCreate>;

/** A full replacement of what a person decides. Observed members are accepted and ignored; `revision` guards against lost updates. */
export const NodeReplace = z.strictObject({
  ...decided,
  revision: z.number().int().positive().optional(),
  ...z.object(observed).partial().shape,
});
export type NodeReplace = z.infer<typeof NodeReplace>;

/**
 * Members by which the list can be sorted; besides these `label.KEY`. `hostname`, `os`, `kernel`, `architecture`, `agentVersion`, `cores`,
 * `memoryBytes` and `gpus` are the agent's word; `agent`, `scheduling` and `health` are sorted by how much they need a person.
 */
export const nodeSortKeys = [
  'name',
  'hostname',
  'privateIp',
  'publicIp',
  'registration',
  'registeredAt',
  'health',
  'connected',
  'lastHeartbeatAt',
  'heartbeatAgeSeconds',
  'clockSkewSeconds',
  'certificateSerial',
  'certificateExpiresAt',
  'certificateIssuedAt',
  'certificateDaysLeft',
  'scheduling',
  'maintenance',
  'agent',
  'mismatch',
  'os',
  'kernel',
  'architecture',
  'agentVersion',
  'cores',
  'memoryBytes',
  'gpus',
  'environments',
  'groups',
  'notes',
  'createdAt',
  'updatedAt',
] as const;
export type NodeSortKey = (typeof nodeSortKeys)[number];

/**
 * Members by which the list can be filtered, as `filter=health:bad`; besides these `label.KEY`. Several filters must all hold. What each
 * kind of value takes is told in docs/nodes.md and by the errors.
 */
export type NodeFilterKey = Exclude<NodeSortKey, 'groups'> | 'group';
export const nodeFilterKeys: readonly NodeFilterKey[] = [...nodeSortKeys.filter((key) => key !== 'groups'), 'group'];

export const NodeList = z.object({ items: z.array(Node), total: z.number().int().nonnegative() });
export type NodeList = z.infer<typeof NodeList>;

/** A watched service of a node, as the API shows it. */
/** A unit that somebody stopped through Muster: it is not broken, and nothing starts it again. */
export const StoppedService = z.object({ unit: z.string(), by: z.string(), at: z.iso.datetime() });
export type StoppedService = z.infer<typeof StoppedService>;

export const NodeService = z.object({
  unit: z.string(),
  state: ServiceState,
  detail: z.string(),
  since: z.iso.datetime().nullable(),
  /** By whom and when, where it does not run because somebody stopped it on purpose. */
  stoppedOnPurpose: StoppedService.omit({ unit: true }).optional(),
});
export type NodeService = z.infer<typeof NodeService>;

export const NodeServices = z.object({
  /** Null when services are watched; else why none can be (a machine without systemd). */
  unavailableReason: z.string().nullable(),
  items: z.array(NodeService),
});
export type NodeServices = z.infer<typeof NodeServices>;

export const NodeCertificate = z.object({
  serial: z.string(),
  nodeId: z.uuid(),
  fingerprint: z.string(),
  notBefore: z.iso.datetime(),
  notAfter: z.iso.datetime(),
  issuedAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
  revocationReason: z.string().nullable(),
});
export type NodeCertificate = z.infer<typeof NodeCertificate>;

/**
 * A single-use token with which one agent of one name may enrol. The token itself is shown once. All three ways to use it enrol the
 * agent and start what waited for the certificate, and none puts the token into a list of processes.
 */
export const JoinToken = z.object({
  nodeId: z.uuid(),
  token: z.string(),
  expiresAt: z.iso.datetime(),
  /** The one line to run on the host: the token reaches the agent on its standard input. */
  command: z.string(),
  /** The text of a drop-in with which muster-agent.service enrols the node at its start, with the line that keeps the token for it. */
  systemd: z.string(),
  /** The same as user data of cloud-init. */
  cloudInit: z.string(),
});
export type JoinToken = z.infer<typeof JoinToken>;
