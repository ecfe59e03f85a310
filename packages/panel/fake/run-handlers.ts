import type { ProvisionRun, RunHost } from '@muster/api';
import { problem } from '@muster/api';
import type { FakeHandlers } from './call.ts';

const phase = (name: string, status: RunHost['phases'][number]['status'], changes: readonly string[] = []) => ({
  phase: name,
  status,
  seconds: 1.4,
  changes: [...changes],
  warnings: [],
});

/** A run that came to its end but for one host, and a dry run. */
function fakeRuns(nowMs: number): ProvisionRun[] {
  const at = (minutesAgo: number): string => new Date(nowMs - minutesAgo * 60_000).toISOString();
  const common = {
    command: 'apply' as const,
    by: 'ada',
    machine: 'ops.example.org',
    phases: [
      { phase: 'connect', seconds: 0.8 },
      { phase: 'agent', seconds: 204 },
    ],
  };
  const failed: ProvisionRun = {
    ...common,
    id: '30000000-0000-4000-8000-000000000001',
    options: ['-i', 'inventory.ini'],
    startedAt: at(30),
    finishedAt: at(26),
    seconds: 205,
    state: 'failed',
    counts: { hosts: 3, changed: 1, unchanged: 1, wouldChange: 0, failed: 1, notDone: 0 },
    hosts: [
      { name: 'worker-001.cluster.example.org', status: 'unchanged', phases: [phase('connect', 'unchanged')], failure: null },
      {
        name: 'worker-002.cluster.example.org',
        status: 'changed',
        phases: [
          {
            ...phase('agent', 'changed', ['write /etc/muster/agent.json', 'start muster-agent.service']),
            warnings: ['it has no default route (default-route)'],
          },
        ],
        failure: null,
      },
      {
        name: 'worker-003.cluster.example.org',
        status: 'failed',
        phases: [phase('preflight', 'failed')],
        failure: {
          phase: 'preflight',
          kind: 'failed',
          message:
            'worker-003 -> driver tcp/6443: no answer (dropped?) (ports-reachable). Mend that, or go on without these checks: --skip-check ports-reachable.',
        },
      },
    ],
  };
  const dry: ProvisionRun = {
    ...failed,
    id: '30000000-0000-4000-8000-000000000002',
    options: ['-i', 'inventory.ini', '--skip-check', 'memory'],
    startedAt: at(60),
    state: 'interrupted',
    counts: { hosts: 3, changed: 0, unchanged: 1, wouldChange: 0, failed: 0, notDone: 2 },
  };
  return [failed, dry];
}

/** Runs of apply. */
export const runHandlers: FakeHandlers = {
  listRuns: () => {
    const items = fakeRuns(Date.now());
    return { items, total: items.length };
  },
  getRun: (_world, { params }) => {
    const run = fakeRuns(Date.now()).find(({ id }) => id === params['id']);
    if (run === undefined) throw problem('not-found', 'There is no such run.');
    return run;
  },
};
