import type { Facts, Node } from '@muster/api';

/** What a machine reports, or one that differs as a test says. */
export const exampleFacts = (change: Partial<Facts> = {}): Facts => ({
  hostname: 'web1',
  addresses: [{ interface: 'eth0', address: '10.0.0.11', family: 'ipv4' }],
  cores: 8,
  memoryBytes: 34_359_738_368,
  gpus: [],
  os: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
  kernel: '6.1.0-30',
  architecture: 'x64',
  bootId: 'b',
  agentVersion: '0.1.0',
  ...change,
});

/** A good node, or one that differs as a test says. */
export const exampleNode = (change: Partial<Node> = {}): Node => ({
  id: '7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c',
  name: 'web1',
  privateIp: '10.0.0.11',
  publicIp: null,
  reportedIp: '10.0.0.11',
  labels: { rack: 'a' },
  groups: ['worker'],
  environments: 'on',
  notes: '',
  revision: 1,
  registration: 'registered',
  registeredAt: '2026-01-01T00:00:00.000Z',
  health: { state: 'good', reasons: [], since: null },
  connected: true,
  lastHeartbeatAt: '2026-01-02T00:00:00.000Z',
  heartbeatAgeSeconds: 3,
  clockSkewSeconds: -0.5,
  facts: exampleFacts(),
  certificateSerial: 'ab',
  certificateExpiresAt: '2026-04-01T00:00:00.000Z',
  certificateIssuedAt: '2026-01-01T00:00:00.000Z',
  sources: { name: 'administrator', privateIp: 'administrator', publicIp: null },
  mismatches: [],
  maintenance: null,
  scheduling: { state: 'open', reason: '', by: null, since: null },
  agent: { state: 'normal', message: '', since: null, attempts: 0 },
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...change,
});

/** The wall clock of tests: the day after the example was last heard. */
export const nowMs = Date.parse('2026-01-03T00:00:00Z');
