import {
  type InventoryHosts,
  problem,
  type ProvisionRun,
  registeredInventory,
  type RunHost,
  type RunStart,
  type SavedInventory,
} from '@muster/api';
import { type FakeHandlers, nextId } from './call.ts';
import { nodesOfRange } from './range.ts';
import type { FakeWorld } from './world.ts';

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

const sha256 = 'c0ffee'.padEnd(64, '0');
const inventories: readonly SavedInventory[] = [
  { name: registeredInventory, version: null, sha256, hosts: 14, savedBy: null, savedAt: null },
  { name: 'production', version: 3, sha256, hosts: 12, savedBy: 'ada@example.org', savedAt: '2026-01-01T00:00:00.000Z' },
];
const fakePhases = ['connect', 'detect', 'preflight', 'prepare', 'agent', 'verify'];

/** A run that goes on: it has come to its second host. */
export function runningRun(
  { inventory, dryRun, limit }: Pick<RunStart, 'inventory' | 'dryRun' | 'limit'>,
  hosts: readonly string[],
): ProvisionRun {
  return {
    id: nextId(),
    command: 'apply',
    by: 'admin@example.org',
    machine: 'driver.example.org',
    options: ['-i', inventory, ...(dryRun ? ['--dry-run'] : []), ...(limit === undefined ? [] : [`--limit=${limit}`])],
    startedAt: new Date().toISOString(),
    finishedAt: null,
    seconds: 12,
    state: 'running',
    counts: { hosts: hosts.length, changed: 0, unchanged: 0, wouldChange: 0, failed: 0, notDone: hosts.length },
    inventory: { name: inventory, version: 3, sha256 },
    now: { phase: 'agent', done: 1, hosts: hosts.length },
    phases: [{ phase: 'connect', seconds: 0.8 }],
    hosts: hosts.map((name) => ({ name, status: 'not-done', phases: [phase('connect', 'unchanged')], failure: null })),
  };
}

/** The hosts of the fake's inventory that a range names; of the node that the server has no way to it is said why. */
function hostsOf(world: FakeWorld, limit: string | undefined): InventoryHosts {
  const hosts = nodesOfRange(world, limit ?? 'worker-[001-012].cluster.example.org').map(({ node }) => node.name);
  const reason = 'the server has no way to it: set muster_control=full for it and run "muster apply" once where your keys are';
  return { hosts, unreachable: hosts.filter((host) => !host.startsWith('worker-0')).map((host) => ({ host, reason })), phases: fakePhases };
}

const runsOf = (world: FakeWorld): ProvisionRun[] => [...world.runs, ...fakeRuns(Date.now())];

function findRun(world: FakeWorld, id: string | undefined): ProvisionRun {
  const run = runsOf(world).find((one) => one.id === id);
  if (run === undefined) throw problem('not-found', 'There is no such run.');
  return run;
}

/** Runs of apply, and the inventories that the server keeps. */
export const runHandlers: FakeHandlers = {
  listRuns: (world) => {
    const items = runsOf(world);
    return { items, total: items.length };
  },
  getRun: (world, { params }) => findRun(world, params['id']),
  listInventories: () => ({ items: inventories }),
  listInventoryHosts: (world, { query }) => hostsOf(world, query['limit'] as string | undefined),
  startRun: (world, { body }) => {
    const wanted = body as RunStart;
    const run = runningRun(wanted, hostsOf(world, wanted.limit).hosts);
    world.runs.unshift(run);
    return run;
  },
  cancelRun: (world, { params }) => {
    const { now: _now, ...run } = findRun(world, params['id']);
    const ended: ProvisionRun = {
      ...run,
      state: 'interrupted',
      reason: 'Cancelled by admin@example.org.',
      finishedAt: new Date().toISOString(),
    };
    world.runs = world.runs.map((one) => (one.id === run.id ? ended : one));
    return ended;
  },
};
