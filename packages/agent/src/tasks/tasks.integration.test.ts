/* Tasks through a whole agent, told by a server that does what a test says. */
import { randomUUID } from 'node:crypto';
import type { TaskMessage } from '@muster/api/agent';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enrolledNode } from '../../test/enrolled-node.ts';
import { makeFakeAuthority, type FakeAuthority } from '../../test/fake-authority.ts';
import { FakeGateway } from '../../test/fake-gateway.ts';
import { runAgent } from '../../test/running-agent.ts';
import { systemClock, type Clock } from '../clock.ts';

let authority: FakeAuthority;
let gateway: FakeGateway;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});
beforeEach(async () => {
  gateway = await FakeGateway.start(authority);
});
afterEach(() => gateway.stop());

const hasty: Clock = { ...systemClock, random: () => 0.02 };

const execTask = (command: readonly string[], rest: Partial<TaskMessage> = {}): TaskMessage => ({
  type: 'task',
  id: randomUUID(),
  lane: 'control',
  beginWithinSeconds: 60,
  timeoutSeconds: 10,
  work: { kind: 'exec', command },
  ...rest,
});

const started = async () => {
  const { stateDir } = await enrolledNode(authority, [gateway.address]);
  const under = await runAgent(stateDir, { clock: hasty });
  await gateway.waitForMessages('hello', 1);
  return { stateDir, ...under };
};

const results = () => gateway.messages('task-result').map((one) => one.message);

describe('a task', () => {
  it('is taken, done and told until it is recorded', async () => {
    await started();
    const task = execTask(['echo', 'hello']);
    gateway.sendToAll(task);
    await gateway.waitForMessages('task-result', 1);
    expect(gateway.messages('task-taken').map((one) => one.message.id)).toEqual([task.id]);
    expect(results()).toMatchObject([{ id: task.id, outcome: 'succeeded', exitStatus: 0, output: 'hello\n', truncated: false }]);
    gateway.dropAll();
    await gateway.waitForMessages('task-result', 2);
    gateway.sendToAll({ type: 'task-recorded', id: task.id });
    gateway.dropAll();
    await gateway.waitForMessages('hello', 3);
    await gateway.waitForMessages('heartbeat', gateway.messages('heartbeat').length + 2);
    expect(results()).toHaveLength(2);
  });

  it('that is delivered twice runs once, and the second delivery is answered with the recorded result', async () => {
    const { stateDir } = await started();
    const task = execTask(['sh', '-c', 'echo x >>"$1"; cat "$1"', 'sh', `${stateDir}/count`]);
    gateway.sendToAll(task);
    gateway.sendToAll(task);
    await gateway.waitForMessages('task-result', 1);
    gateway.sendToAll({ type: 'task-recorded', id: task.id });
    gateway.sendToAll(task);
    await gateway.waitForMessages('task-result', 2);
    expect(results().map((one) => one.output)).toEqual(['x\n', 'x\n']);
  });
});
