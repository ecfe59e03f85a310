import type { Node, NodeSortKey } from '@muster/api';
import type { ReactNode } from 'react';
import { formatBytes } from '../ui/format.ts';
import { HeartbeatAge } from '../ui/heartbeat-age.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { CredentialCell, EnvironmentsCell, GpusCell, HealthCell, NameCell, RegistrationCell } from './cells.tsx';

export type ColumnId =
  | 'name'
  | 'health'
  | 'heartbeat'
  | 'privateIp'
  | 'publicIp'
  | 'registration'
  | 'credential'
  | 'cores'
  | 'memory'
  | 'gpus'
  | 'environments'
  | 'agent'
  | 'os';

/** One column of the table: its head, what sorts by it, and how a node fills it. */
export type Column = {
  readonly id: ColumnId;
  readonly title: string;
  readonly sortKey?: NodeSortKey;
  readonly isOptional?: boolean;
  readonly cell: (node: Node, answeredAtMs: number) => ReactNode;
};

const never = 'the agent has not reported yet';
const text = (value: string | null | undefined, because: string): ReactNode =>
  value === null || value === undefined || value === '' ? <NotKnown because={because} /> : value;
const number = (value: ReactNode): ReactNode =>
  value === undefined ? <NotKnown because={never} /> : <span className="mp-number">{value}</span>;

const address = (value: string | null, because: string): ReactNode => (
  <span className={value !== null && value.length > 15 ? 'mp-address mp-address--long' : 'mp-address'}>{text(value, because)}</span>
);

/** Every field of a node that the list can show, in order. */
export const columns: readonly Column[] = [
  { id: 'name', title: 'Hostname', sortKey: 'name', cell: (node) => <NameCell node={node} /> },
  { id: 'health', title: 'Health', sortKey: 'health', cell: (node) => <HealthCell node={node} /> },
  {
    id: 'heartbeat',
    title: 'Heartbeat',
    sortKey: 'lastHeartbeatAt',
    cell: (node, answeredAtMs) => (
      <HeartbeatAge ageSeconds={node.heartbeatAgeSeconds} heartbeatAt={node.lastHeartbeatAt} answeredAtMs={answeredAtMs} />
    ),
  },
  { id: 'privateIp', title: 'Private IP', sortKey: 'privateIp', cell: (node) => address(node.privateIp, 'no private IP is set') },
  { id: 'publicIp', title: 'Public IP', sortKey: 'publicIp', cell: (node) => address(node.publicIp, 'no public IP is set') },
  { id: 'registration', title: 'Registration', sortKey: 'registration', cell: (node) => <RegistrationCell node={node} /> },
  { id: 'credential', title: 'Credential', cell: (node) => <CredentialCell node={node} /> },
  { id: 'cores', title: 'Cores', sortKey: 'cores', cell: (node) => number(node.facts?.cores) },
  {
    id: 'memory',
    title: 'Memory',
    sortKey: 'memoryBytes',
    cell: (node) => number(node.facts === null ? undefined : formatBytes(node.facts.memoryBytes)),
  },
  {
    id: 'gpus',
    title: 'GPUs',
    sortKey: 'gpus',
    cell: (node) => (node.facts === null ? <NotKnown because={never} /> : <GpusCell gpus={node.facts.gpus} />),
  },
  { id: 'environments', title: 'Environments', sortKey: 'environments', cell: (node) => <EnvironmentsCell node={node} /> },
  { id: 'agent', title: 'Agent version', isOptional: true, cell: (node) => text(node.facts?.agentVersion, never) },
  { id: 'os', title: 'Operating system', isOptional: true, cell: (node) => text(node.facts?.os.name, never) },
];
