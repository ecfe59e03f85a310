import { join } from 'node:path';
import { ProblemError } from '@muster/api';
import type { Store } from '@muster/store';
import { loadMasterKey, openKey } from '@muster/trust';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EventReader, waiting } from '../test/event-reader.ts';
import { ask, problemIn } from '../test/requests.ts';
import { enrolAgent } from '../test/server-agent.ts';
import { openServerOnStore, type TestServer } from '../test/server-fixture.ts';

let server: TestServer & { readonly store: Store };
beforeAll(async () => {
  server = await openServerOnStore({ MUSTER_AGENT_LIVENESS_ENABLED: 'true', MUSTER_AGENT_LIVENESS_THRESHOLD: '10s' });
});
afterAll(() => server.close());

const failure = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw new Error(`not a problem: ${String(error)}`);
  return error.problem;
};

const hostKeys = ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPinned'];

/** Waits until an operation has finished; its one task. */
async function taskOf(id: string) {
  return vi.waitFor(async () => {
    const { state } = await server.local.getOperation({ params: { id } });
    if (state === 'running') throw new Error('still running');
    return (await server.local.listOperationTasks({ params: { id } })).items[0];
  }, waiting);
}

describe('the way to agents over SSH', () => {
  it('is a key of its own, made once, whose private half is in the database sealed, and in no answer', async () => {
    const first = await server.local.listAgentControl({});
    expect(first).toMatchObject({ user: 'muster-control', publicKey: expect.stringMatching(/^ssh-ed25519 AAAA/u) });
    expect(first.fingerprint).toMatch(/^SHA256:/u);
    expect((await server.local.listAgentControl({})).publicKey).toBe(first.publicKey);
    const kept = await server.store.agentControl.key();
    const sealed = new TextDecoder().decode(kept?.sealedKey);
    expect(sealed).toMatch(/^muster-sealed-key\.v1\./u);
    expect(sealed).not.toContain('PRIVATE');
    // Not by the master key itself: what seals the authority does not open this, nor the other way round.
    const masterKey = await loadMasterKey(join(server.folder, 'data', 'master.key'));
    expect(() => openKey(sealed, masterKey)).toThrow('damaged');
  });

  it('is kept for a node, listed, and forgotten', async () => {
    const { id } = await server.local.addNode({ body: { name: 'kept' } });
    const set = await server.local.setAgentControl({ params: { node: 'kept' }, body: { hostKeys, port: 2222 } });
    expect(set).toMatchObject({ nodeId: id, nodeName: 'kept', address: null, port: 2222, hostKeys, refusedKey: null });
    expect((await server.local.listAgentControl({})).items).toContainEqual(set);
    await server.local.removeAgentControl({ params: { node: 'kept' } });
    expect((await server.local.listAgentControl({})).items.map(({ nodeName }) => nodeName)).not.toContain('kept');
  });

  it.each([
    { hostKeys: [] },
    { hostKeys: ['not a key'] },
    { hostKeys: ['ssh-ed25519 AAAA\nother'] },
    { hostKeys, port: 0 },
    { hostKeys, address: '-oProxyCommand=x y' },
    { hostKeys, user: 'root' },
  ])('is not %j', async (body) => {
    expect(await failure(server.local.setAgentControl({ params: { node: 'kept' }, body }))).toMatchObject({ code: 'invalid-request' });
  });

  it('is not of nodes that do not exist, and says which', async () => {
    expect(await failure(server.local.setAgentControl({ params: { node: 'nobody' }, body: { hostKeys } }))).toMatchObject({ status: 404 });
    const check = await failure(server.local.checkAgentControl({ body: { nodes: ['kept', 'nobody', 'no one'] } }));
    expect(check).toMatchObject({ status: 404, detail: expect.stringContaining('"nobody", "no one"') });
  });

  it('is another key by two calls, the second only where every node takes that, or is left out', async () => {
    await server.local.addNode({ body: { name: 'away' } });
    await server.local.setAgentControl({ params: { node: 'away' }, body: { hostKeys, address: '127.0.0.1', port: 1 } });
    const before = await server.local.listAgentControl({});
    expect(before.nextPublicKey).toBeNull();
    const announced = await server.local.rotateControlKey({ body: {} });
    expect(announced).toMatchObject({ state: 'announced', lacking: [] });
    const both = await server.local.listAgentControl({});
    expect(both).toMatchObject({ publicKey: before.publicKey, nextPublicKey: expect.stringMatching(/^ssh-ed25519 AAAA/u) as string });
    const waits = await server.local.rotateControlKey({ body: {} });
    expect(waits).toMatchObject({ state: 'waiting', fingerprint: announced.fingerprint, lacking: [{ nodeName: 'away', reached: false }] });
    expect(await server.local.listAgentControl({})).toEqual(both);
    expect(await server.local.rotateControlKey({ body: { leaveOut: true } })).toMatchObject({ state: 'done' });
    expect(await server.local.listAgentControl({})).toMatchObject({
      publicKey: both.nextPublicKey,
      fingerprint: announced.fingerprint,
      nextPublicKey: null,
    });
    await server.local.removeNode({ params: { node: 'away' } });
  });

  it('is tried for a look, node by node, with the line to run by hand where it is not possible', async () => {
    await enrolAgent(server, 'looked');
    const { items } = await server.local.checkAgentControl({ body: { nodes: ['looked'] } });
    expect(items).toMatchObject([
      {
        nodeName: 'looked',
        reached: false,
        byHand: 'ssh looked sudo systemctl is-active muster-agent',
        message: expect.stringContaining('key was not installed'),
      },
    ]);
  });
});

describe('an operation on agents', () => {
  it('ends on a node without SSH with why, and the line to run by hand', async () => {
    await enrolAgent(server, 'bare');
    const { id } = await server.local.startOperation({ body: { spec: { kind: 'agent', action: 'restart' }, range: 'bare' } });
    expect(await taskOf(id)).toMatchObject({
      nodeName: 'bare',
      state: 'failed',
      message: expect.stringMatching(
        /^bare: the server has no way to it over SSH.* By hand: ssh bare sudo systemctl restart muster-agent$/u,
      ),
    });
    expect((await server.local.getNode({ params: { node: 'bare' } })).agent.state).toBe('normal');
  });

  it('ends on a host that does not answer within its own time, and a stop that was not possible is not remembered', async () => {
    await enrolAgent(server, 'closed');
    const [port] = [server.port];
    await server.local.replaceNode({
      params: { node: 'closed' },
      body: { ...(await server.local.getNode({ params: { node: 'closed' } })), privateIp: '127.0.0.1' },
    });
    // A port on which something else than SSH answers.
    await server.local.setAgentControl({ params: { node: 'closed' }, body: { hostKeys, port } });
    const { id } = await server.local.startOperation({ body: { spec: { kind: 'agent', action: 'stop' }, range: 'closed' } });
    const task = await vi.waitFor(() => taskOf(id), { timeout: 30_000, interval: 200 });
    expect(task).toMatchObject({ state: 'failed', message: expect.stringContaining('closed (127.0.0.1:') });
    expect((await server.local.getNode({ params: { node: 'closed' } })).agent.state).toBe('normal');
  });

  it('is refused as a whole when one node has not enrolled', async () => {
    await server.local.addNode({ body: { name: 'pending' } });
    const refusal = await failure(
      server.local.startOperation({ body: { spec: { kind: 'agent', action: 'stop' }, range: 'bare,pending' } }),
    );
    expect(refusal).toMatchObject({ status: 409, detail: expect.stringContaining('pending has not enrolled yet.') });
  });
});

describe('the status', () => {
  it('shows the threshold in force and what is done about agents', async () => {
    const { agentLiveness } = await server.local.getStatus({});
    expect(agentLiveness).toEqual({
      enabled: true,
      thresholdSeconds: 10,
      effectiveThresholdSeconds: 15,
      brake: null,
      restarting: 0,
      needsAttention: 0,
      stopped: 0,
    });
  });

  it('shows the brake, with its reason', async () => {
    const event = { kind: 'liveness-brake', severity: 'error', nodeId: null, nodeName: null, message: 'on', data: {} } as const;
    await server.store.brake.hold({ message: '3 of 5 nodes are unheard at once.', unheard: 3, watched: 5 }, event);
    expect((await server.local.getStatus({})).agentLiveness.brake).toMatchObject({
      message: '3 of 5 nodes are unheard at once.',
      unheard: 3,
      watched: 5,
    });
    // The monitor finds that nobody is unheard and lets go.
    await vi.waitFor(async () => expect((await server.local.getStatus({})).agentLiveness.brake).toBeNull(), waiting);
  });
});

const journalPath = (node: string, query = '') => `/api/v1/nodes/${node}/services/ssh.service/journal${query}`;
const line = (text: string) => ({ at: '2026-01-01T00:00:00.000Z', text });

describe('a journal', () => {
  const asked = (agent: Awaited<ReturnType<typeof enrolAgent>>, count = 1) =>
    vi.waitFor(() => {
      const found = agent.received.filter((message) => message.type === 'journal-open')[count - 1];
      if (found === undefined) throw new Error('not asked yet');
      return found;
    }, waiting);

  it('is read from the agent, the end of it at once', async () => {
    const agent = await enrolAgent(server, 'read');
    const reading = server.local.readJournal({ params: { node: 'read', unit: 'ssh.service' }, query: { lines: 7 } });
    const { id, unit, lines, follow } = await asked(agent);
    expect([unit, lines, follow]).toEqual(['ssh.service', 7, false]);
    agent.say({ type: 'journal', id, lines: [line('one')], dropped: 0 });
    agent.say({ type: 'journal', id, lines: [line('two')], dropped: 4 });
    agent.say({ type: 'journal-end', id, reason: '' });
    expect(await reading).toEqual({ lines: [line('one'), line('two')], dropped: 4 });
  });

  it('is followed live, by the socket and over HTTP, until the reader leaves: then the agent is told to end it', async () => {
    const agent = await enrolAgent(server, 'followed');
    const person = await server.signIn();
    const ways = [
      { place: { socketPath: server.server.socketPath }, headers: {} },
      { place: { port: server.port }, headers: person.headers() },
    ];
    for (const [index, { place, headers }] of ways.entries()) {
      const opening = EventReader.open(place, headers, journalPath('followed', '?lines=3'));
      const { id, follow } = await asked(agent, index + 1);
      expect(follow).toBe(true);
      const reader = await opening;
      agent.say({ type: 'journal', id, lines: [line(`live ${index}`)], dropped: 0 });
      await vi.waitFor(() => expect(reader.text).toContain(`live ${index}`), waiting);
      expect(reader.response.headers['content-security-policy']).toBeDefined();
      reader.close();
      await vi.waitFor(() => expect(agent.received).toContainEqual({ type: 'journal-close', id }), waiting);
    }
  });

  it('ends its stream with the reason when the agent is gone', async () => {
    const agent = await enrolAgent(server, 'leaving');
    const reader = await EventReader.open({ socketPath: server.server.socketPath }, {}, journalPath('leaving'));
    await asked(agent);
    agent.close();
    await reader.untilEnded();
    expect(reader.text).toContain('event: end\ndata: {"reason":"The connection of the agent ended."}');
  });

  it.each([
    ['a node that does not exist', journalPath('nobody'), 404],
    ['a node that is not connected', journalPath('kept'), 409],
    ['a unit that is none', '/api/v1/nodes/kept/services/ssh/journal', 400],
    ['a unit that is a pattern', '/api/v1/nodes/kept/services/*.service/journal', 400],
    ['a unit that is an option', '/api/v1/nodes/kept/services/--all.service/journal', 400],
    ['too many lines', journalPath('kept', '?lines=1001'), 400],
    ['a number of lines that is none', journalPath('kept', '?lines=x'), 400],
  ])('is refused for %s, as a stream and without', async (_what, path, status) => {
    await server.store.nodes.get('kept');
    for (const headers of [{}, { accept: 'text/event-stream' }]) {
      const answer = await ask({ socketPath: server.server.socketPath }, path, { headers });
      const expected = status === 409 ? [403, 409] : [status];
      expect(expected).toContain(answer.status);
      expect(problemIn(answer)).toMatchObject({ detail: expect.any(String) });
    }
  });

  it('is not for somebody who is not signed in', async () => {
    for (const headers of [{}, { accept: 'text/event-stream' }]) {
      expect((await ask({ port: server.port }, journalPath('read'), { headers })).status).toBe(401);
    }
  });

  it('says what the agent says when there is none', async () => {
    const agent = await enrolAgent(server, 'without');
    const reading = failure(server.local.readJournal({ params: { node: 'without', unit: 'ssh.service' } }));
    const { id } = await asked(agent);
    agent.say({ type: 'journal-end', id, reason: 'there is no unit ssh.service on this node, nor a journal of it' });
    expect(await reading).toMatchObject({
      status: 409,
      code: 'node-unavailable',
      detail: 'The journal of ssh.service on without cannot be read: there is no unit ssh.service on this node, nor a journal of it.',
    });
  });
});
