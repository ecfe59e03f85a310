import type { Operation, OperationResult, TaskCounts } from '@muster/api';

const none: TaskCounts = { queued: 0, sent: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, expired: 0, unknown: 0 };

export const countsOf = (some: Partial<TaskCounts>): TaskCounts => ({ ...none, ...some });

/** A restart that runs on three nodes, or an operation that differs as a test says. */
export const exampleOperation = (change: Partial<Operation> = {}): Operation => ({
  id: '3f2a91c0-0000-4000-8000-000000000001',
  spec: { kind: 'service', action: 'restart', unit: 'ssh.service' },
  title: 'restart ssh.service',
  range: 'node[1-3]',
  requestedBy: 'alice',
  requestedAt: '2026-01-01T00:00:00.000Z',
  batch: null,
  maxFail: null,
  expiresAt: '2026-01-01T01:00:00.000Z',
  cancelledAt: null,
  cancelledBy: null,
  finishedAt: null,
  state: 'running',
  total: 3,
  counts: countsOf({ running: 1, succeeded: 2 }),
  ...change,
});

export const exampleResult = (change: Partial<OperationResult> = {}): OperationResult => ({
  range: 'node[1-3]',
  count: 3,
  state: 'succeeded',
  exitStatus: 0,
  message: 'ssh.service is active (running).',
  output: '',
  truncated: false,
  ...change,
});
