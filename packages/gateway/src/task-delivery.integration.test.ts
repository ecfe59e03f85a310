import type { Node, OperationSpec } from '@muster/api';
import { planOperation } from '@muster/core';
import { StoreUnavailable } from '@muster/store';
import { describe, expect, it, vi } from 'vitest';
import { FakeAgent, waiting } from '../test/fake-agent.ts';
import { type GatewayFixture, openGateway } from '../test/gateway-fixture.ts';

const spec: OperationSpec = { kind: 'service', action: 'restart', unit: 'ssh.service' };

async function openWithAgent() {
  const door = await openGateway();
  const { node } = await door.addNode('worker1');
  const credentials = await door.certify(node);
  return { door, node, credentials, agent: await FakeAgent.admitted(door, credentials) };
}

const restart = (door: GatewayFixture, nodes: readonly Node[]) =>
  door.store.operations.create({
    spec,
    plan: planOperation(spec),
    range: 'all',
    requestedBy: 'tester',
    batch: null,
    maxFail: null,
    expiresInSeconds: 60,
    nodes: nodes.map(({ id }) => ({ id })),
  });

const tasksOf = (agent: FakeAgent) => agent.received.filter((one) => one.type === 'task');

/** Waits until the agent was given so many tasks, counting each sending. */
const given = (agent: FakeAgent, count: number) =>
  vi.waitFor(() => {
    const tasks = tasksOf(agent);
    if (tasks.length < count) throw new Error(`${tasks.length} tasks so far`);
    return tasks;
  }, waiting);

const result = (id: string, output = 'done\n') =>
  ({ type: 'task-result', id, outcome: 'succeeded', exitStatus: 0, message: '', output, truncated: false, durationMs: 1 }) as const;

describe('a task', () => {
  it('reaches an agent that is connected, is taken, and its result is kept before it is answered', async () => {
    const { door, node, agent } = await openWithAgent();
    const operation = await restart(door, [node]);
    const [task] = await given(agent, 1);
    expect(task).toMatchObject({ lane: 'control', timeoutSeconds: 120, work: { kind: 'service', action: 'restart', unit: 'ssh.service' } });
    agent.say({ type: 'task-taken', id: task?.id ?? '' });
    await vi.waitFor(async () => expect((await door.store.operations.get(operation.id)).counts.running).toBe(1), waiting);
    agent.say(result(task?.id ?? ''));
    expect(await agent.heard('task-recorded')).toEqual({ type: 'task-recorded', id: task?.id });
    expect((await door.store.operations.get(operation.id)).counts.succeeded).toBe(1);
  });

  it('waits for its turn: the next one comes when the one before has ended', async () => {
    const { door, node, agent } = await openWithAgent();
    await restart(door, [node]);
    await restart(door, [node]);
    const [first] = await given(agent, 1);
    await agent.beat();
    expect(tasksOf(agent)).toHaveLength(1);
    agent.say(result(first?.id ?? ''));
    const [, second] = await given(agent, 2);
    expect(second?.id).not.toBe(first?.id);
  });

  it('waits for a node that is not there, and comes with its hello', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    await restart(door, [node]);
    const agent = await FakeAgent.admitted(door, await door.certify(node));
    await given(agent, 1);
    expect(agent.received.map((one) => one.type)).toEqual(['welcome', 'task']);
  });

  it('that was given and not answered is given again to the next connection, and only its result is asked for once it was taken', async () => {
    const { door, node, agent, credentials } = await openWithAgent();
    const operation = await restart(door, [node]);
    const [task] = await given(agent, 1);
    agent.socket.terminate();
    const second = await FakeAgent.admitted(door, credentials);
    const [again] = await given(second, 1);
    expect(again?.id).toBe(task?.id);
    expect(again?.beginWithinSeconds).toBeGreaterThan(0);
    second.say({ type: 'task-taken', id: task?.id ?? '' });
    await vi.waitFor(async () => expect((await door.store.operations.get(operation.id)).counts.running).toBe(1), waiting);
    second.socket.terminate();
    const third = await FakeAgent.admitted(door, credentials);
    expect((await given(third, 1))[0]).toMatchObject({ id: task?.id, beginWithinSeconds: 0 });
  });

  it('is not lost when the server dies between writing it down and sending it', async () => {
    const door = await openGateway();
    const { node } = await door.addNode('worker1');
    await restart(door, [node]);
    const [claimed] = await door.store.delivery.claim([node.id], 'a server that is dead by now');
    const agent = await FakeAgent.admitted(door, await door.certify(node));
    expect((await given(agent, 1))[0]?.id).toBe(claimed?.id);
  });

  it('is asked for again and again while the database is away, and costs nothing while nothing is asked', async () => {
    const { door, node, agent } = await openWithAgent();
    let failures = 2;
    door.spy.fail = (call) => (call === 'delivery.claim' && failures-- > 0 ? new StoreUnavailable('away') : undefined);
    await restart(door, [node]);
    await given(agent, 1);
    const calls = door.spy.calls.filter((call) => call.startsWith('delivery.')).length;
    for (let count = 0; count < 5; count += 1) await agent.beat();
    expect(door.spy.calls.filter((call) => call.startsWith('delivery.'))).toHaveLength(calls);
  });
});

describe('what an agent says of tasks', () => {
  it('counts for its own alone, and is answered all the same', async () => {
    const { door, node, agent } = await openWithAgent();
    const { node: other } = await door.addNode('worker2');
    const operation = await restart(door, [other]);
    const { items } = await door.store.tasks.ofOperation(operation.id, { limit: 1, offset: 0 });
    const foreign = items[0]?.id ?? '';
    agent.say({ type: 'task-taken', id: foreign });
    agent.say(result(foreign));
    await vi.waitFor(() => expect(agent.received).toContainEqual({ type: 'task-recorded', id: foreign }), waiting);
    agent.say(result(node.id));
    await vi.waitFor(() => expect(agent.received).toContainEqual({ type: 'task-recorded', id: node.id }), waiting);
    expect((await door.store.tasks.get(foreign)).state).toBe('queued');
    expect(door.lines.filter((line) => line.message.includes('not its own'))).toHaveLength(2);
    await agent.beat();
  });

  it('twice changes nothing', async () => {
    const { door, node, agent } = await openWithAgent();
    const operation = await restart(door, [node]);
    const [task] = await given(agent, 1);
    agent.say(result(task?.id ?? '', 'once\n'));
    agent.say({ ...result(task?.id ?? '', 'twice\n'), outcome: 'failed' });
    agent.say({ type: 'task-taken', id: task?.id ?? '' });
    await vi.waitFor(() => expect(agent.received.filter((one) => one.type === 'task-recorded')).toHaveLength(2), waiting);
    await agent.beat();
    expect(await door.store.tasks.results(operation.id)).toMatchObject([{ state: 'succeeded', output: 'once\n' }]);
  });
});

describe('a cancelled operation', () => {
  it('is ended on the node that has begun it', async () => {
    const { door, node, agent } = await openWithAgent();
    const operation = await restart(door, [node]);
    const [task] = await given(agent, 1);
    await door.store.operations.cancel(operation.id, 'tester');
    expect((await agent.heard('cancel-task')).id).toBe(task?.id);
    agent.say({ ...result(task?.id ?? ''), outcome: 'cancelled', exitStatus: null });
    await agent.heard('task-recorded');
    expect((await door.store.operations.get(operation.id)).counts.cancelled).toBe(1);
  });
});
