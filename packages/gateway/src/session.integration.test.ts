import { maxMessageBytes } from '@muster/api';
import { StoreUnavailable } from '@muster/store';
import { makeKeyAndCsr } from '@muster/trust';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { FakeAgent, factsOf, waiting } from '../test/fake-agent.ts';
import { type GatewayFixture, openGateway } from '../test/gateway-fixture.ts';

async function openWithNode(name = 'worker1') {
  const door = await openGateway();
  const { node } = await door.addNode(name);
  const credentials = await door.certify(node);
  return { door, node, credentials };
}

const statements = (door: GatewayFixture, call: string) => door.spy.calls.filter((one) => one === call).length;

describe('a session', () => {
  it('writes what the agent says, about its own node only', async () => {
    const { door, node, credentials } = await openWithNode();
    const other = (await door.addNode('worker2')).node;
    const agent = await FakeAgent.admitted(door, credentials);
    const foreign = {
      type: 'report',
      nodeId: other.id,
      nodeName: 'worker2',
      facts: factsOf('host1'),
      services: { available: true, services: [] },
    };
    agent.socket.send(JSON.stringify(foreign));
    agent.socket.send(JSON.stringify({ type: 'heartbeat', sequence: 0, clockMs: Date.now() + 60_000, nodeId: other.id }));
    await vi.waitFor(async () => {
      const seen = await door.store.nodes.get(node.id);
      expect(seen).toMatchObject({ connected: true, facts: { hostname: 'host1' }, certificateSerial: credentials.serial });
      expect(seen.heartbeatAgeSeconds).toBeLessThan(5);
      expect(seen.clockSkewSeconds).toBeGreaterThan(55);
    }, waiting);
    expect(await door.store.nodes.get(other.id)).toMatchObject({ connected: false, facts: null, lastHeartbeatAt: null });
    const kinds = (await door.events()).filter((event) => event.nodeId === node.id).map((event) => event.kind);
    expect(kinds).toEqual(expect.arrayContaining(['node-connected', 'node-facts', 'node-services']));
    agent.socket.close();
    await vi.waitFor(async () => expect((await door.store.nodes.get(node.id)).connected).toBe(false), waiting);
  });

  it('wants the hello first, and only once', async () => {
    const { door, node, credentials } = await openWithNode();
    const early = (await FakeAgent.connect(door, credentials)) as FakeAgent;
    early.heartbeat();
    expect((await early.closed()).code).toBe(4003);
    const twice = await FakeAgent.admitted(door, credentials);
    twice.hello();
    expect((await twice.closed()).code).toBe(4003);
    const stranger = (await FakeAgent.connect(door, credentials)) as FakeAgent;
    stranger.say({ type: 'hello', protocol: 99, agentVersion: '9', bootId: 'b', clockMs: 0 });
    expect(await stranger.closed()).toMatchObject({ code: 4003, reason: 'this server speaks protocol 1' });
    expect((await door.store.nodes.get(node.id)).facts).toBeNull();
  });

  it.each([
    { title: 'no JSON', data: 'not json' },
    { title: 'an unknown type', data: JSON.stringify({ type: 'command', run: 'rm' }) },
    { title: 'a wrong member', data: JSON.stringify({ type: 'heartbeat', sequence: -1, clockMs: 'x' }) },
    { title: 'binary', data: Buffer.from(JSON.stringify({ type: 'heartbeat', sequence: 1, clockMs: 1 })) },
    { title: 'more than the limit', data: 'x'.repeat(maxMessageBytes + 1) },
    { title: 'deep nesting', data: `{"type":"report","facts":${'['.repeat(100_000)}${']'.repeat(100_000)}}` },
    { title: 'NUL in a fact', data: JSON.stringify({ type: 'report', facts: { ...factsOf('a\0b'), extra: { __proto__: null } } }) },
  ])('closes only the connection that says $title', async ({ data }) => {
    const { door, credentials } = await openWithNode();
    const { node: other } = await door.addNode('worker2');
    const good = await FakeAgent.admitted(door, await door.certify(other));
    const bad = await FakeAgent.admitted(door, credentials);
    bad.socket.send(data);
    expect([4003, 1009]).toContain((await bad.closed()).code);
    await good.beat();
    expect(await FakeAgent.admitted(door, credentials)).toBeInstanceOf(FakeAgent);
  });

  it('ends an agent that floods the door', async () => {
    const { door, credentials } = await openWithNode();
    const agent = await FakeAgent.admitted(door, credentials);
    for (let i = 0; i < 400; i++) agent.heartbeat();
    expect(await agent.closed()).toEqual({ code: 4003, reason: 'too many messages at once' });
  });

  it('survives whatever an agent may send', async () => {
    const { door, node, credentials } = await openWithNode();
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const facts = fc.record({
      ...Object.fromEntries(Object.entries(factsOf('x')).map(([key, value]) => [key, fc.constant(value)])),
      hostname: text,
    });
    const services = fc.record({ available: fc.constant(false), reason: text });
    const message = fc.oneof(
      fc.record({ type: fc.constant('report'), facts, services }),
      fc.record({ type: fc.constant('renew'), id: text, csrPem: text }),
      fc.record({ type: fc.constant('heartbeat'), sequence: fc.nat(), clockMs: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
      fc.record({ type: fc.constantFrom('hello', 'report', 'renew', 'heartbeat', '__proto__'), extra: fc.anything() }),
      fc.json(),
    );
    let agent = await FakeAgent.admitted(door, credentials);
    for (const value of fc.sample(message, 150)) {
      agent.socket.send(typeof value === 'string' ? value : JSON.stringify(value));
      // Either the message was taken, and the next heartbeat is answered, or this connection alone is closed.
      const outcome = await Promise.race([agent.beat().then(() => 'open'), agent.closed().then(() => 'closed')]);
      if (outcome === 'closed') agent = await FakeAgent.admitted(door, credentials);
    }
    const last = await FakeAgent.admitted(door, credentials);
    last.report('at-last');
    await vi.waitFor(async () => expect((await door.store.nodes.get(node.id)).facts?.hostname).toBe('at-last'), waiting);
    expect(door.lines.filter((line) => line.level === 'error')).toEqual([]);
  });

  it('lets a second connection take over without a missed heartbeat', async () => {
    const { door, node, credentials } = await openWithNode();
    const first = await FakeAgent.admitted(door, credentials);
    await first.beat();
    const second = await FakeAgent.admitted(door, credentials);
    // Both are heard until the first is put out.
    await first.beat();
    await second.beat();
    expect(await first.closed()).toMatchObject({ code: 4002 });
    await second.beat();
    const seen = await door.store.nodes.get(node.id);
    expect(seen.connected).toBe(true);
    expect((await door.events('node-connected')).length).toBe(1);
    expect(await door.events('node-disconnected')).toEqual([]);
  });

  it('proves a renewed certificate with the first heartbeat; the earlier one ends, with its connection', async () => {
    const { door, node, credentials } = await openWithNode();
    const old = await FakeAgent.admitted(door, credentials);
    await old.beat();
    const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: 'worker1' });
    old.say({ type: 'renew', id: 'r1', csrPem });
    const { chainPem, id } = await old.heard('certificate');
    expect(id).toBe('r1');
    // Until it is proven, the old one is as good as before.
    expect(await FakeAgent.connect(door, credentials)).toBeInstanceOf(FakeAgent);
    const next = await FakeAgent.admitted(door, { keyPem, chainPem });
    await next.beat();
    expect((await old.closed()).code).toBe(4002);
    await door.store.certificates.retireDue();
    expect(await FakeAgent.connect(door, credentials)).toMatchObject({ status: 403 });
    expect((await door.store.certificates.byNode(node.id)).map((one) => one.revocationReason)).toEqual([null, 'superseded']);
    expect((await door.store.nodes.get(node.id)).certificateSerial).not.toBe(credentials.serial);
    await next.beat();
  });

  it('refuses a renewal for another name or too often, and the session goes on', async () => {
    const { door, credentials } = await openWithNode();
    const agent = await FakeAgent.admitted(door, credentials);
    agent.say({ type: 'renew', id: 'other', csrPem: (await makeKeyAndCsr({ nodeName: 'worker2' })).csrPem });
    expect(await agent.heard('renewal-refused')).toMatchObject({ id: 'other' });
    for (let i = 0; i < 6; i++) agent.say({ type: 'renew', id: `r${i}`, csrPem: 'nothing' });
    await vi.waitFor(() => {
      expect(agent.received.filter((one) => one.type === 'renewal-refused')).toHaveLength(7);
    }, waiting);
    expect(agent.received.at(-1)).toMatchObject({ id: 'r5', reason: expect.stringContaining('too many') as string });
    await agent.beat();
  });

  it('is told changed settings', async () => {
    const { door, credentials } = await openWithNode();
    const agent = await FakeAgent.admitted(door, credentials);
    door.settings = { ...door.settings, heartbeatSeconds: 20 };
    door.gateway.announceSettings();
    expect((await agent.heard('settings')).settings.heartbeatSeconds).toBe(20);
  });

  it('drops a connection on which nothing is heard any more', async () => {
    const { door, node, credentials } = await openWithNode();
    door.settings = { ...door.settings, timeoutSeconds: 0.5 };
    const agent = await FakeAgent.admitted(door, credentials);
    expect((await agent.closed()).code).toBe(1006);
    await vi.waitFor(async () => expect((await door.store.nodes.get(node.id)).connected).toBe(false), waiting);
  });
});

describe('a session while the database is away', () => {
  const away = () => new StoreUnavailable('away');

  it('stays, keeps heartbeats and the last report, and writes them when it is back', async () => {
    const { door, node, credentials } = await openWithNode();
    const agent = await FakeAgent.admitted(door, credentials);
    await vi.waitFor(async () => expect((await door.store.nodes.get(node.id)).connected).toBe(true), waiting);
    door.spy.fail = away;
    for (let i = 0; i < 40; i++) agent.report(`host${i}`);
    await agent.beat();
    await vi.waitFor(() => expect(statements(door, 'observations.saveFacts')).toBeGreaterThan(0), waiting);
    await vi.waitFor(() => expect(door.lines.some((line) => line.message.startsWith('heartbeats could not'))).toBe(true), waiting);
    await agent.beat();
    delete door.spy.fail;
    await vi.waitFor(async () => {
      const seen = await door.store.nodes.get(node.id);
      expect(seen.facts?.hostname).toBe('host39');
      expect(seen.lastHeartbeatAt).not.toBeNull();
      expect(seen.certificateSerial).toBe(credentials.serial);
    }, waiting);
    expect(agent.closedWith).toBeUndefined();
    expect(door.lines.filter((line) => line.level === 'error')).toEqual([]);
  });

  it('is written as ended once the database is back', async () => {
    const { door, node, credentials } = await openWithNode();
    const agent = await FakeAgent.admitted(door, credentials);
    await vi.waitFor(async () => expect((await door.store.nodes.get(node.id)).connected).toBe(true), waiting);
    door.spy.fail = away;
    agent.socket.close();
    await vi.waitFor(() => expect(statements(door, 'presence.setConnected')).toBeGreaterThan(1), waiting);
    delete door.spy.fail;
    await vi.waitFor(async () => expect((await door.store.nodes.get(node.id)).connected).toBe(false), waiting);
    await vi.waitFor(async () => expect(await door.events('node-disconnected')).toHaveLength(1), waiting);
  });

  it('comes anew after any other failure', async () => {
    const { door, credentials } = await openWithNode();
    const agent = await FakeAgent.admitted(door, credentials);
    door.spy.fail = (call) => (call.startsWith('observations') ? new Error('broken') : undefined);
    agent.report('host1');
    expect(await agent.closed()).toMatchObject({ code: 1001, reason: 'try again' });
  });
});

describe('a fleet', () => {
  it('costs at most one statement a second for all its heartbeats', async () => {
    const door = await openGateway();
    const agents: FakeAgent[] = [];
    for (let i = 0; i < 20; i++) agents.push(await FakeAgent.admitted(door, await door.certify((await door.addNode(`worker${i}`)).node)));
    const before = statements(door, 'presence.recordHeartbeats');
    const begin = performance.now();
    while (performance.now() - begin < 3000) await Promise.all(agents.map((agent) => agent.beat()));
    const seconds = (performance.now() - begin) / 1000;
    expect(statements(door, 'presence.recordHeartbeats') - before).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    expect((await door.store.presence.lastSeen()).every((one) => one.heartbeatAgeMs !== null && one.heartbeatAgeMs < 5000)).toBe(true);
  });
});

describe('stop', () => {
  it('tells the agents, writes the last of it, and leaves the store alone afterwards', async () => {
    const { door, node, credentials } = await openWithNode();
    const agent = await FakeAgent.admitted(door, credentials);
    const silent = (await FakeAgent.connect(door, credentials)) as FakeAgent;
    await vi.waitFor(async () => expect((await door.store.nodes.get(node.id)).connected).toBe(true), waiting);
    agent.heartbeat();
    await agent.beat();
    await door.gateway.stop();
    const calls = door.spy.calls.length;
    const seen = await door.store.nodes.get(node.id);
    expect(seen.connected).toBe(false);
    expect(seen.lastHeartbeatAt).not.toBeNull();
    expect([(await agent.closed()).code, (await silent.closed()).code]).toEqual([1001, 1001]);
    await expect(FakeAgent.connect(door, credentials)).rejects.toThrow(/ECONNREFUSED/u);
    expect(door.spy.calls.length).toBe(calls);
    expect(door.lines.filter((line) => line.level === 'error')).toEqual([]);
  });

  it('waits no longer than some seconds for an agent that does not answer or a database that is away', async () => {
    const { door, credentials } = await openWithNode();
    const agent = await FakeAgent.admitted(door, credentials);
    agent.tls.pause();
    door.spy.fail = () => new StoreUnavailable('away');
    const begin = performance.now();
    await door.gateway.stop();
    expect(performance.now() - begin).toBeLessThan(4500);
  });
});
