import type { NodeFilterKey, NodeSortKey } from '@muster/api';

/** What values a field of a node has: it decides how it is sorted, filtered and asked for in a range. */
export type NodeField =
  | { readonly kind: 'text' | 'moment' | 'list' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'number'; readonly unit?: 'bytes' | 'seconds' };

const text = { kind: 'text' } as const;
const moment = { kind: 'moment' } as const;
const number = { kind: 'number' } as const;
const choice = (...choices: readonly string[]) => ({ kind: 'choice', choices }) as const;

/**
 * Every field by which a list of nodes is sorted and filtered, and that a range may ask for. Choices stand in the order in which they are
 * sorted: what needs a person most comes first.
 */
export const nodeFields: Readonly<Record<NodeSortKey, NodeField>> = {
  name: text,
  hostname: text,
  privateIp: text,
  publicIp: text,
  registration: choice('pending', 'registered'),
  registeredAt: moment,
  health: choice('bad', 'degraded', 'unknown', 'good'),
  connected: choice('false', 'true'),
  lastHeartbeatAt: moment,
  heartbeatAgeSeconds: { kind: 'number', unit: 'seconds' },
  clockSkewSeconds: number,
  certificateSerial: text,
  certificateExpiresAt: moment,
  certificateIssuedAt: moment,
  certificateDaysLeft: number,
  scheduling: choice('draining', 'drained', 'cordoned', 'open'),
  maintenance: choice('on', 'off'),
  agent: choice('needs-attention', 'restarting', 'stopped', 'normal'),
  mismatch: choice('true', 'false'),
  os: text,
  kernel: text,
  architecture: text,
  agentVersion: text,
  cores: number,
  memoryBytes: { kind: 'number', unit: 'bytes' },
  gpus: number,
  environments: choice('off', 'on'),
  groups: { kind: 'list' },
  notes: text,
  createdAt: moment,
  updatedAt: moment,
};

/** Keys by which a list is sorted, besides `label.KEY`. */
export const sortKeys = Object.keys(nodeFields) as readonly NodeSortKey[];

/** Keys by which a list is filtered, besides `label.KEY`: of the groups one at a time. */
export const filterKeys: readonly NodeFilterKey[] = sortKeys.map((key) => (key === 'groups' ? 'group' : key));

/** The field behind a key of a filter. */
export const fieldOf = (key: NodeFilterKey): NodeField => nodeFields[key === 'group' ? 'groups' : key];

/** The key of the label that `label.KEY` names; undefined for any other word, or an empty key. */
export const labelIn = (word: string): string | undefined =>
  word.startsWith('label.') && word.length > 'label.'.length ? word.slice('label.'.length) : undefined;
