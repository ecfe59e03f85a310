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
const GroupName = z
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
  /** Serial of the certificate in use; see `/nodes/{node}/certificates`. */
  certificateSerial: z.string().nullable(),
  certificateExpiresAt: z.iso.datetime().nullable(),
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

/** Members by which the list can be sorted. */
export const nodeSortKeys = [
  'name',
  'privateIp',
  'publicIp',
  'registration',
  'health',
  'lastHeartbeatAt',
  'cores',
  'memoryBytes',
  'gpus',
  'environments',
  'createdAt',
] as const;
export type NodeSortKey = (typeof nodeSortKeys)[number];

/** Members by which the list can be filtered, as `filter=health:bad`. Several filters must all hold. */
export const nodeFilterKeys = ['name', 'privateIp', 'publicIp', 'registration', 'health', 'environments', 'group', 'connected'] as const;
export type NodeFilterKey = (typeof nodeFilterKeys)[number];

export const NodeList = z.object({ items: z.array(Node), total: z.number().int().nonnegative() });
export type NodeList = z.infer<typeof NodeList>;

/** A watched service of a node, as the API shows it. */
export const NodeService = z.object({
  unit: z.string(),
  state: ServiceState,
  detail: z.string(),
  since: z.iso.datetime().nullable(),
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

/** A single-use token with which one agent of one name may enrol. The token itself is shown once. */
export const JoinToken = z.object({
  nodeId: z.uuid(),
  token: z.string(),
  expiresAt: z.iso.datetime(),
  /** The one line to run on the host. */
  command: z.string(),
});
export type JoinToken = z.infer<typeof JoinToken>;
