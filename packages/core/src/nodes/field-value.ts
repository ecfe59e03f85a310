import type { Node, NodeSortKey } from '@muster/api';

/** What a field holds: text, a number, several texts, or nothing. */
export type FieldValue = string | number | readonly string[] | null;

const dayMs = 86_400_000;

/** How each field is read from a node. `nowMs` is the wall clock of whoever asks: only what is left of a certificate depends on it. */
const readers: Readonly<Record<NodeSortKey, (node: Node, nowMs: number) => FieldValue>> = {
  name: (node) => node.name,
  hostname: (node) => node.facts?.hostname ?? null,
  privateIp: (node) => node.privateIp ?? node.reportedIp ?? null,
  publicIp: (node) => node.publicIp,
  registration: (node) => node.registration,
  registeredAt: (node) => node.registeredAt,
  health: (node) => node.health.state,
  connected: (node) => String(node.connected),
  lastHeartbeatAt: (node) => node.lastHeartbeatAt,
  heartbeatAgeSeconds: (node) => node.heartbeatAgeSeconds,
  clockSkewSeconds: (node) => node.clockSkewSeconds,
  certificateSerial: (node) => node.certificateSerial,
  certificateExpiresAt: (node) => node.certificateExpiresAt,
  certificateIssuedAt: (node) => node.certificateIssuedAt,
  certificateDaysLeft: ({ certificateExpiresAt: end }, nowMs) => (end === null ? null : (Date.parse(end) - nowMs) / dayMs),
  scheduling: (node) => node.scheduling.state,
  maintenance: (node) => (node.maintenance === null ? 'off' : 'on'),
  agent: (node) => node.agent.state,
  mismatch: (node) => String(node.mismatches.length > 0),
  os: (node) => node.facts?.os.name ?? null,
  kernel: (node) => node.facts?.kernel ?? null,
  architecture: (node) => node.facts?.architecture ?? null,
  agentVersion: (node) => node.facts?.agentVersion ?? null,
  cores: (node) => node.facts?.cores ?? null,
  memoryBytes: (node) => node.facts?.memoryBytes ?? null,
  gpus: (node) => node.facts?.gpus.length ?? null,
  environments: (node) => node.environments,
  groups: (node) => (node.groups.length === 0 ? null : node.groups),
  notes: (node) => (node.notes === '' ? null : node.notes),
  createdAt: (node) => node.createdAt,
  updatedAt: (node) => node.updatedAt,
};

/** The value of a field of a node; null where there is none. Pure. */
export const fieldValue = (key: NodeSortKey, node: Node, nowMs: number): FieldValue => readers[key](node, nowMs);
