import { maxWaitingTasks, type OperationCreate, ProblemError, type ServerMessage } from '@muster/api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { waiting } from '../test/event-reader.ts';
import { enrolAgent, type ServerAgent } from '../test/server-agent.ts';
import { ask, problemIn } from '../test/requests.ts';
import { openServerOnStore } from '../test/server-fixture.ts';

type Server = Awaited<ReturnType<typeof openServerOnStore>>;
let server: Server;
let agents: readonly [ServerAgent, ServerAgent];
beforeAll(async () => {
  server = await openServerOnStore({ MUSTER_EXEC_ENABLED: 'true' });
  agents = [await enrolAgent(server, 'worker1'), await enrolAgent(server, 'worker2')];
  await server.local.addNode({ body: { name: 'fresh' } });
});
afterAll(() => server.close());

const restart: OperationCreate['spec'] = { kind: 'service', action: 'restart', unit: 'ssh.service' };
const start = (body: Partial<OperationCreate>) => server.local.startOperation({ body: { spec: restart, range: 'worker[1-2]', ...body } });

const refusal = async (call: Promise<unknown>) => {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (!(error instanceof ProblemError)) throw new Error(`not a problem: ${String(error)}`);
  return error.problem;
};

type Given = Extract<ServerMessage, { type: 'task' }>;

/** The task of an operation as the agent was given it. */
const taskOn = (agent: ServerAgent, number: number): Promise<Given> =>
  vi.waitFor(() => {
    const tasks = agent.received.filter((one) => one.type === 'task');
    const task = tasks[number];
    if (task === undefined) throw new Error(`${tasks.length} tasks so far`);
    return task;
  }, waiting);

const answer = (agent: ServerAgent, { id }: Given, rest: object = {}) => {
  agent.say({ type: 'task-taken', id });
  const usual = { outcome: 'succeeded', exitStatus: 0, message: 'It runs.', output: 'ok\n', truncated: false, durationMs: 1 } as const;
  agent.say({ type: 'task-result', id, ...usual, ...rest });
};

const finished = (id: string) =>
  vi.waitFor(async () => {
    const operation = await server.local.getOperation({ params: { id } });
    if (operation.state === 'running') throw new Error('still running');
    return operation;
  }, waiting);

const operationCount = async () => (await server.local.listOperations({})).total;

describe('an operation', () => {
  it('reaches the agents of its range, and its results come back folded', async () => {
    const asked = await start({ range: 'worker[1-2]' });
    expect(asked).toMatchObject({ title: 'restart ssh.service', requestedBy: 'local administrator', total: 2, state: 'running' });
    for (const agent of agents) answer(agent, await taskOn(agent, 0));
    expect(await finished(asked.id)).toMatchObject({ state: 'succeeded', counts: { succeeded: 2, queued: 0 } });
    const params = { id: asked.id };
    expect((await server.local.listOperationResults({ params })).items).toEqual([
      { range: 'worker[1-2]', count: 2, state: 'succeeded', exitStatus: 0, message: 'It runs.', output: 'ok\n', truncated: false },
    ]);
    const { items } = await server.local.listOperationTasks({ params, query: { state: 'succeeded' } });
    expect(items.map(({ nodeName }) => nodeName)).toEqual(['worker1', 'worker2']);
    expect(await server.local.getTaskOutput({ params: { id: items[0]?.id ?? '' } })).toEqual({ output: 'ok\n', truncated: false });
    expect((await server.local.listNodeTasks({ params: { node: 'worker1' } })).items[0]?.id).toBe(items[0]?.id);
    expect((await server.local.listOperations({ query: { node: 'worker2', state: 'succeeded' } })).items[0]?.id).toBe(asked.id);
    const events = (await server.local.listEvents({ query: { node: 'worker1' } })).items.map(({ kind, message }) => `${kind} ${message}`);
    expect(events).toContain('task-changed restart ssh.service on worker1: succeeded. It runs.');
  });

  it('goes batch by batch, stops after too many failures, and can be cancelled', async () => {
    const rolling = await start({ batch: 1, maxFail: 0 });
    answer(agents[0], await taskOn(agents[0], 1), { outcome: 'failed', exitStatus: 1 });
    expect(await finished(rolling.id)).toMatchObject({ state: 'failed', counts: { failed: 1, cancelled: 1 } });
    const long = await start({ range: 'worker2' });
    const task = await taskOn(agents[1], 1);
    await server.local.cancelOperation({ params: { id: long.id } });
    await vi.waitFor(() => expect(agents[1].received).toContainEqual({ type: 'cancel-task', id: task.id }), waiting);
    answer(agents[1], task, { outcome: 'cancelled', exitStatus: null });
    expect(await finished(long.id)).toMatchObject({ state: 'cancelled', cancelledBy: 'local administrator' });
  });

  it('is asked of a service that is remembered as stopped on purpose, and counts as no fault', async () => {
    const stop = await start({ spec: { kind: 'service', action: 'stop', unit: 'cron.service' }, range: 'worker1' });
    answer(agents[0], await taskOn(agents[0], 2));
    await finished(stop.id);
    const services = {
      available: true as const,
      services: [{ unit: 'cron.service', state: 'stopped' as const, detail: 'dead', since: null }],
    };
    const facts = (await server.local.getNode({ params: { node: 'worker1' } })).facts;
    if (facts === null) throw new Error('no facts');
    agents[0].say({ type: 'report', facts, services });
    await vi.waitFor(async () => {
      const { health } = await server.local.getNode({ params: { node: 'worker1' } });
      expect(health).toMatchObject({
        state: 'good',
        reasons: [{ code: 'service-stopped-on-purpose', message: 'cron.service was stopped on purpose by local administrator.' }],
      });
      agents[0].beat();
    }, waiting);
    const { items } = await server.local.listServices({ params: { node: 'worker1' } });
    expect(items).toMatchObject([{ unit: 'cron.service', state: 'stopped', stoppedOnPurpose: { by: 'local administrator' } }]);
  });
});

describe('an operation is refused as a whole', () => {
  it('where its range is wrong, with the place and the names', async () => {
    const before = await operationCount();
    const wrong = await refusal(start({ range: 'worker1,wroker2' }));
    expect(wrong).toMatchObject({ status: 400, code: 'invalid-request' });
    expect(wrong.errors).toEqual([{ path: 'range', message: expect.stringContaining('wroker2') as unknown, offset: 8, length: 7 }]);
    expect(wrong.detail).toContain('\n          ^^^^^^^\n');
    expect((await refusal(start({ range: 'worker1@worker2' }))).detail).toContain('the range matches no node');
    expect((await refusal(start({ range: '^/etc/passwd' }))).status).toBe(400);
    expect(await operationCount()).toBe(before);
  });

  it('where one node cannot do it, naming which', async () => {
    const before = await operationCount();
    const refused = await refusal(start({ range: 'all' }));
    expect(refused).toMatchObject({
      status: 409,
      code: 'not-possible-now',
      errors: [{ path: 'fresh', message: 'fresh has not enrolled yet.' }],
    });
    expect(await operationCount()).toBe(before);
  });

  it.each<[string, OperationCreate['spec']]>([
    ['a NUL', { kind: 'exec', command: ['echo', 'a\u0000b'] }],
    ['half of a character', { kind: 'exec', command: ['echo', '\uD800'] }],
    ['no program', { kind: 'exec', command: [' '] }],
    ['too much', { kind: 'exec', command: Array.from({ length: 6 }, () => 'x'.repeat(100_000)) }],
  ])('where it holds %s', async (_what, spec) => {
    expect(await refusal(start({ spec }))).toMatchObject({ status: 400, code: 'invalid-request' });
  });

  it.each([
    { spec: { kind: 'service', action: 'restart', unit: '../x.service' } },
    { spec: { kind: 'service', action: 'restart', unit: '--all.service' } },
    { spec: { kind: 'service', action: 'mask', unit: 'ssh.service' } },
    { spec: { kind: 'exec', command: [] } },
    { spec: { kind: 'exec', command: 'rm -rf /' } },
    { spec: { kind: 'reboot' } },
    { range: '' },
    { batch: 0 },
    { maxFail: -1 },
    { expiresInSeconds: 0 },
    { expiresInSeconds: 1e9 },
    { extra: 1 },
  ])('where it is %j', async (change) => {
    const body = JSON.stringify({ spec: restart, range: 'worker1', ...change });
    const place = { socketPath: server.server.socketPath };
    const answered = await ask(place, '/api/v1/operations', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect([answered.status, problemIn(answered)['code']]).toEqual([400, 'invalid-request']);
  });

  it('where too much waits for a node already', async () => {
    for (let count = 0; count < maxWaitingTasks; count += 1) await start({ range: 'worker2' });
    expect(await refusal(start({}))).toMatchObject({ status: 409, code: 'too-many-tasks', errors: [{ path: 'worker2' }] });
    expect((await server.local.listNodeTasks({ params: { node: 'worker2' }, query: { state: 'queued' } })).total).toBe(maxWaitingTasks - 1);
  });
});

describe('what is not there', () => {
  const id = '0198c0de-0000-4000-8000-000000000001';
  it.each([
    `/operations/${id}`,
    `/operations/${id}/tasks`,
    `/operations/${id}/results`,
    `/tasks/${id}/output`,
    `/nodes/${id}/tasks`,
    '/nodes/nobody/tasks',
    '/operations?node=nobody',
  ])('%s is a 404', async (path) => {
    expect((await ask({ socketPath: server.server.socketPath }, `/api/v1${path}`)).status).toBe(404);
  });

  it.each(['/operations/x', '/tasks/x/output', '/operations?state=odd', '/operations?limit=0', `/operations/${id}/tasks?state=odd`])(
    '%s is a 400',
    async (path) => expect((await ask({ socketPath: server.server.socketPath }, `/api/v1${path}`)).status).toBe(400),
  );
});

describe('commands on nodes', () => {
  it('run where the server allows them, with their words as they are', async () => {
    const command = ['sh', '-c', 'echo "$1"', 'sh', '; $(id) `id` ü'];
    const asked = await start({ spec: { kind: 'exec', command, timeoutSeconds: 7 }, range: 'worker1' });
    const task = await taskOn(agents[0], 3);
    expect(task).toMatchObject({ timeoutSeconds: 7, work: { kind: 'exec', command } });
    answer(agents[0], task, { outcome: 'failed', exitStatus: 3, message: '', output: 'x\u0000\u001B[2J' });
    await finished(asked.id);
    const { items } = await server.local.listOperationResults({ params: { id: asked.id } });
    expect(items).toMatchObject([{ state: 'failed', exitStatus: 3, output: 'x\uFFFD\u001B[2J' }]);
  });

  it('are off unless the configuration says otherwise, and the answer says how to turn them on', async () => {
    const other = await openServerOnStore();
    try {
      const body = { spec: { kind: 'exec' as const, command: ['true'] }, range: 'all' };
      expect(await refusal(other.local.startOperation({ body }))).toMatchObject({
        status: 403,
        code: 'not-allowed',
        detail: expect.stringMatching(/exec: \{ enabled: true \}.*MUSTER_EXEC_ENABLED=true/u) as unknown,
      });
    } finally {
      await other.close();
    }
  });
});
