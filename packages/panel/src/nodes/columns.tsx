import type { Node, NodeSortKey } from '@muster/api';
import type { ReactNode } from 'react';
import { formatBytes } from '../ui/format.ts';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { AddressCell, CredentialCell, EnvironmentsCell, GpusCell, HealthCell, NameCell, RegistrationCell } from './cells/node-cells.tsx';
import { AgentCell, HeartbeatCell, MaintenanceCell, SchedulingCell } from './cells/state-cells.tsx';

export type ColumnId =
  | 'name'
  | 'health'
  | 'heartbeat'
  | 'privateIp'
  | 'publicIp'
  | 'registration'
  | 'credential'
  | 'rotated'
  | 'cores'
  | 'memory'
  | 'gpus'
  | 'environments'
  | 'scheduling'
  | 'maintenance'
  | 'agent'
  | 'version'
  | 'groups'
  | 'os';

/** One column of the table: its head, what sorts by it, and how a node fills it. */
export type Column = {
  readonly id: ColumnId;
  readonly title: string;
  readonly sortKey?: NodeSortKey;
  readonly isOptional?: boolean;
  /** The least width, rem; what is left over is shared out in the same proportion. */
  readonly width: number;
  readonly cell: (node: Node, answeredAtMs: number) => ReactNode;
};

const never = 'the agent has not reported yet';
const text = (value: string | null | undefined, because: string): ReactNode =>
  value === null || value === undefined || value === '' ? <NotKnown because={because} /> : value;
const number = (value: ReactNode): ReactNode =>
  value === undefined ? <NotKnown because={never} /> : <span className="mp-number">{value}</span>;

/** Every field of a node that the list can show, in order. */
export const columns: readonly Column[] = [
  { id: 'name', title: 'Hostname', sortKey: 'name', width: 11, cell: (node) => <NameCell node={node} /> },
  { id: 'health', title: 'Health', sortKey: 'health', width: 9, cell: (node) => <HealthCell node={node} /> },
  {
    id: 'heartbeat',
    title: 'Heartbeat',
    sortKey: 'lastHeartbeatAt',
    width: 7.5,
    cell: (node, answeredAtMs) => <HeartbeatCell node={node} answeredAtMs={answeredAtMs} />,
  },
  { id: 'scheduling', title: 'Scheduling', sortKey: 'scheduling', width: 6.5, cell: (node) => <SchedulingCell node={node} /> },
  {
    id: 'privateIp',
    title: 'Private IP',
    sortKey: 'privateIp',
    width: 6.5,
    cell: (node) => <AddressCell node={node} member="privateIp" because="no private IP is set" />,
  },
  {
    id: 'publicIp',
    title: 'Public IP',
    sortKey: 'publicIp',
    width: 6.5,
    cell: (node) => <AddressCell node={node} member="publicIp" because="no public IP is set" />,
  },
  {
    id: 'registration',
    title: 'Registration',
    sortKey: 'registration',
    width: 6.5,
    cell: (node) => <RegistrationCell node={node} />,
  },
  { id: 'environments', title: 'Environments', sortKey: 'environments', width: 7.25, cell: (node) => <EnvironmentsCell node={node} /> },
  { id: 'credential', title: 'Credential', sortKey: 'certificateExpiresAt', width: 7.25, cell: (node) => <CredentialCell node={node} /> },
  {
    id: 'rotated',
    title: 'Last rotation',
    sortKey: 'certificateIssuedAt',
    width: 6,
    cell: ({ certificateIssuedAt }) =>
      certificateIssuedAt === null ? <NotKnown because="no certificate yet" /> : <Moment at={certificateIssuedAt} isDateOnly />,
  },
  { id: 'cores', title: 'Cores', sortKey: 'cores', width: 3.5, cell: (node) => number(node.facts?.cores) },
  {
    id: 'memory',
    title: 'Memory',
    sortKey: 'memoryBytes',
    width: 4.5,
    cell: (node) => number(node.facts === null ? undefined : formatBytes(node.facts.memoryBytes)),
  },
  {
    id: 'gpus',
    title: 'GPUs',
    sortKey: 'gpus',
    width: 5,
    cell: (node) => (node.facts === null ? <NotKnown because={never} /> : <GpusCell gpus={node.facts.gpus} />),
  },
  {
    id: 'maintenance',
    title: 'Maintenance',
    sortKey: 'maintenance',
    isOptional: true,
    width: 9,
    cell: (node) => <MaintenanceCell node={node} />,
  },
  { id: 'agent', title: 'Agent', sortKey: 'agent', isOptional: true, width: 8, cell: (node) => <AgentCell node={node} /> },
  {
    id: 'groups',
    title: 'Groups',
    sortKey: 'groups',
    isOptional: true,
    width: 7,
    cell: (node) => text(node.groups.join(', '), 'in no group'),
  },
  {
    id: 'version',
    title: 'Agent version',
    sortKey: 'agentVersion',
    isOptional: true,
    width: 6,
    cell: (node) => text(node.facts?.agentVersion, never),
  },
  { id: 'os', title: 'Operating system', sortKey: 'os', isOptional: true, width: 10, cell: (node) => text(node.facts?.os.name, never) },
];

const boxWidth = 2.25;

/** The columns as tracks of a CSS grid. They do not depend on what stands in them, so rows that are laid out one by one still line up. */
export const columnTemplate = (shown: readonly Column[]): string =>
  [`${boxWidth}rem`, ...shown.map(({ width }) => `minmax(${width}rem, ${width}fr)`)].join(' ');

/** The least width at which all columns have theirs, rem. */
export const columnsWidth = (shown: readonly Column[]): number => shown.reduce((sum, { width }) => sum + width, boxWidth);
