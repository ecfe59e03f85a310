import type { NodeFilterKey } from '@muster/api';
import { agentLooks, schedulingLooks } from '../ui/state-looks.ts';
import { healthLooks, healthStates } from '../ui/health-label.tsx';

/** A field to filter by: what it is called, and either the few values it has or how a value may be written. */
export type FilterField = {
  readonly title: string;
  readonly choices?: Readonly<Record<string, string>>;
  readonly example?: string;
};

const textsOf = (looks: Readonly<Record<string, { readonly text: string }>>): Record<string, string> =>
  Object.fromEntries(Object.entries(looks).map(([value, { text }]) => [value, text]));

/** Every field that a list of nodes can be filtered by. */
export const filterFields: Readonly<Record<NodeFilterKey, FilterField>> = {
  name: { title: 'Name', example: 'part of a name' },
  hostname: { title: 'Reported hostname', example: 'part of a hostname' },
  privateIp: { title: 'Private IP', example: '10.20.' },
  publicIp: { title: 'Public IP', example: '203.0.113.' },
  group: { title: 'Group', example: 'gpu' },
  cores: { title: 'Cores', example: '>=32' },
  memoryBytes: { title: 'Memory', example: '>=64GiB' },
  gpus: { title: 'GPUs', example: '>0' },
  certificateSerial: { title: 'Credential', example: 'part of a serial' },
  certificateDaysLeft: { title: 'Days of credential left', example: '<14' },
  certificateExpiresAt: { title: 'Credential ends', example: '<now+14d' },
  certificateIssuedAt: { title: 'Last rotation', example: '<now-60d' },
  heartbeatAgeSeconds: { title: 'Time since heartbeat', example: '>5m' },
  lastHeartbeatAt: { title: 'Last heartbeat', example: '<now-1h' },
  os: { title: 'Operating system', example: 'debian' },
  kernel: { title: 'Kernel', example: '6.12' },
  architecture: { title: 'Architecture', example: 'x64' },
  agentVersion: { title: 'Agent version', example: '0.1' },
  clockSkewSeconds: { title: 'Clock', example: '>2' },
  notes: { title: 'Notes', example: 'part of the notes' },
  createdAt: { title: 'Added', example: '>now-7d' },
  updatedAt: { title: 'Changed', example: '>now-1d' },
  registeredAt: { title: 'Registered since', example: '>now-7d' },
  health: { title: 'Health', choices: Object.fromEntries(healthStates.map((state) => [state, healthLooks[state].text])) },
  registration: { title: 'Registration', choices: { registered: 'Registered', pending: 'Pending' } },
  environments: { title: 'Environments', choices: { on: 'On', off: 'Off' } },
  scheduling: { title: 'Scheduling', choices: textsOf(schedulingLooks) },
  maintenance: { title: 'Maintenance', choices: { on: 'In maintenance', off: 'Not in maintenance' } },
  agent: { title: 'Agent', choices: textsOf(agentLooks) },
  connected: { title: 'Connection', choices: { true: 'Connected', false: 'Not connected' } },
  mismatch: { title: 'Hostname and address', choices: { true: 'Differ from the agent', false: 'As the agent says' } },
};

const filterKeys = Object.keys(filterFields) as NodeFilterKey[];

/** Fields whose value is written, in the order in which they are offered. */
export const writtenKeys = filterKeys.filter((key) => filterFields[key].choices === undefined);

/** Fields that are chosen from a menu. Health is chosen in the summary above the list. */
export const chosenKeys = filterKeys.filter((key) => filterFields[key].choices !== undefined && key !== 'health');

/** The name of a key of a filter, for people; of a label its key. */
export const filterTitle = (key: string): string =>
  key.startsWith('label.')
    ? `Label ${key.slice('label.'.length)}`
    : filterKeys.find((one) => one === key) === undefined
      ? key
      : filterFields[key as NodeFilterKey].title;

/** The value of a filter, for people. */
export const filterText = (key: string, value: string): string =>
  value
    .split(',')
    .map((one) => filterFields[key as NodeFilterKey]?.choices?.[one] ?? one)
    .join(', ');
