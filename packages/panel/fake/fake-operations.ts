import type { Node, Operation, OperationSpec, Task, TaskState } from '@muster/api';
import { foldNames } from '@muster/core';
import type { FakeTask } from './world.ts';

const startMs = Date.UTC(2026, 10, 21, 9, 0, 0);
const iso = (ms: number) => new Date(ms).toISOString();
const idOf = (number: number) => `20000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const ended: readonly TaskState[] = ['succeeded', 'failed', 'cancelled', 'expired', 'unknown'];

/** What an operation is called. */
function titleOf(spec: OperationSpec): string {
  if (spec.kind === 'service') return `${spec.action} ${spec.unit}`;
  if (spec.kind === 'exec') return `run ${spec.command.join(' ')}`;
  return spec.kind === 'rotate' ? 'rotate host keys' : `${spec.action} agent`;
}

/** How the tasks of an operation stand, and so the operation. */
export function tally(operation: Operation, tasks: readonly Task[]): Operation {
  const counts = { ...operation.counts };
  for (const state of Object.keys(counts) as TaskState[]) counts[state] = tasks.filter((task) => task.state === state).length;
  const isOver = tasks.every(({ state }) => ended.includes(state));
  const isGood = counts.succeeded === tasks.length;
  const state = operation.cancelledAt !== null && isOver ? 'cancelled' : isOver ? (isGood ? 'succeeded' : 'failed') : 'running';
  return { ...operation, counts, state, finishedAt: isOver ? (operation.finishedAt ?? new Date().toISOString()) : null };
}

/** An operation on nodes, with a task for each. */
export function makeOperation(
  number: number,
  spec: OperationSpec,
  nodes: readonly Node[],
  atMs: number,
): { operation: Operation; tasks: FakeTask[] } {
  const id = idOf(number);
  const tasks = nodes.map((node, at): FakeTask => ({
    output: '',
    task: {
      id: idOf(number * 100_000 + at),
      operationId: id,
      nodeId: node.id,
      nodeName: node.name,
      kind: spec.kind,
      state: 'queued',
      message: '',
      exitStatus: null,
      outputBytes: 0,
      truncated: false,
      queuedAt: iso(atMs),
      sentAt: null,
      startedAt: null,
      finishedAt: null,
      expiresAt: iso(atMs + 3_600_000),
    },
  }));
  const operation: Operation = {
    id,
    spec,
    title: titleOf(spec),
    range: foldNames(nodes.map(({ name }) => name)),
    requestedBy: 'Ada Admin',
    requestedAt: iso(atMs),
    batch: null,
    maxFail: null,
    expiresAt: iso(atMs + 3_600_000),
    cancelledAt: null,
    cancelledBy: null,
    finishedAt: null,
    state: 'running',
    total: nodes.length,
    counts: { queued: nodes.length, sent: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, expired: 0, unknown: 0 },
  };
  return { operation, tasks };
}

type Result = Partial<Pick<Task, 'state' | 'message' | 'exitStatus' | 'truncated'>> & { output?: string };

/** Lets a task end, or go on. */
function setTask(one: FakeTask, { output = '', ...result }: Result): void {
  one.output = output;
  const isOver = ended.includes(result.state ?? 'queued');
  Object.assign(one.task, result, {
    outputBytes: new TextEncoder().encode(output).length,
    startedAt: one.task.queuedAt,
    finishedAt: isOver ? one.task.queuedAt : null,
  });
}

const hostileText = '<img src=x onerror="window.hacked=true"><script>window.hacked=true</script>';
const hostileOutput = `${hostileText}\n\u001b[2J\u001b]0;owned\u0007 \u202etxt.exe\u0000\nlast line`;

/** Operations that ran, failed, run, were cancelled; with outputs that are hard to show. */
export function fakeOperations(nodes: readonly Node[]): { operations: Operation[]; tasks: FakeTask[] } {
  const some = nodes.slice(0, 12);
  const rotated = makeOperation(1, { kind: 'rotate' }, some, startMs);
  rotated.tasks.forEach((one, at) =>
    setTask(
      one,
      at < 10 ? { state: 'succeeded', message: 'The new certificate is proven; the old one is revoked.' } : { state: 'running' },
    ),
  );
  const command = makeOperation(2, { kind: 'exec', command: ['uptime', '-p'], timeoutSeconds: 300 }, some, startMs + 600_000);
  command.tasks.forEach((one, at) =>
    setTask(
      one,
      at === 3
        ? { state: 'failed', exitStatus: 1, message: hostileText, output: hostileOutput, truncated: true }
        : { state: 'succeeded', exitStatus: 0, message: '', output: at % 2 === 0 ? 'up 3 weeks, 2 days\n' : 'up 4 days\n' },
    ),
  );
  const agents = makeOperation(3, { kind: 'agent', action: 'restart' }, some.slice(0, 3), startMs + 1_200_000);
  agents.tasks.forEach((one, at) =>
    setTask(
      one,
      at === 1
        ? {
            state: 'failed',
            message: `SSH to ${one.task.nodeName} is not possible: connection refused at port 22. By hand: ssh ${one.task.nodeName} sudo systemctl restart muster-agent`,
          }
        : { state: 'succeeded', message: 'muster-agent.service is active.' },
    ),
  );
  const cancelled = makeOperation(4, { kind: 'service', action: 'restart', unit: 'slurmd.service' }, some, startMs + 1_800_000);
  cancelled.tasks.forEach((one, at) =>
    setTask(one, at < 4 ? { state: 'succeeded', exitStatus: 0, message: '' } : { state: 'cancelled', message: '' }),
  );
  Object.assign(cancelled.operation, { cancelledAt: iso(startMs + 1_860_000), cancelledBy: 'Olga Operator', batch: 2, maxFail: 1 });
  const all = [rotated, command, agents, cancelled];
  return {
    operations: all.map(({ operation, tasks }) =>
      tally(
        operation,
        tasks.map(({ task }) => task),
      ),
    ),
    tasks: all.flatMap(({ tasks }) => tasks),
  };
}
