/* Two doors of one installation: an agent that goes over from one to the other is never lost, and never told so. */
import { makeKeyAndCsr } from '@muster/trust';
import { describe, expect, it, vi } from 'vitest';
import { enrolAt, FakeAgent, waiting } from '../test/fake-agent.ts';
import { type GatewayFixture, openGateway } from '../test/gateway-fixture.ts';

async function openTwo() {
  const here = await openGateway();
  const there = await openGateway({ beside: here });
  const { node } = await here.addNode('worker1');
  return { here, there, node, credentials: await here.certify(node) };
}

const holderOf = async (door: GatewayFixture) => {
  const [seen] = await door.store.presence.lastSeen();
  return { connected: seen?.connected, serverId: seen?.serverId };
};

describe('an agent that goes over to another server', () => {
  it('is connected all the time, and its end on the first is no loss', async () => {
    const { here, there, node, credentials } = await openTwo();
    const before = await FakeAgent.admitted(here, credentials);
    await before.beat();
    await vi.waitFor(async () => expect(await holderOf(here)).toEqual({ connected: true, serverId: here.serverId }), waiting);
    const after = await FakeAgent.admitted(there, credentials);
    await after.beat();
    // Heard by both for a moment.
    await before.beat();
    await vi.waitFor(async () => expect(await holderOf(here)).toEqual({ connected: true, serverId: there.serverId }), waiting);
    before.socket.close();
    await vi.waitFor(() => expect(here.gateway.presence.connectionOf(node.id)).toBeUndefined(), waiting);
    await vi.waitFor(() => expect(here.spy.calls.filter((call) => call === 'presence.setConnected')).toHaveLength(2), waiting);
    // The last heartbeats of the first server are written, and what follows a stop of it.
    await here.gateway.stop();
    expect(await holderOf(here)).toEqual({ connected: true, serverId: there.serverId });
    expect(await here.events('node-disconnected')).toEqual([]);
    await after.beat();
    after.socket.close();
    await vi.waitFor(async () => expect(await here.events('node-disconnected')).toHaveLength(1), waiting);
    expect((await holderOf(here)).connected).toBe(false);
  });
});

describe('move', () => {
  it('tells the agents that are here, each its own order, and says which', async () => {
    const { here, node, credentials } = await openTwo();
    const other = (await here.addNode('worker2')).node;
    const absent = (await here.addNode('worker3')).node;
    const [first, second] = [await FakeAgent.admitted(here, credentials), await FakeAgent.admitted(here, await here.certify(other))];
    const orders = new Map([
      [node.id, ['b:1', 'a:1']],
      [other.id, ['c:1', 'a:1']],
      [absent.id, ['b:1']],
    ]);
    const told = here.gateway.move([node.id, other.id, absent.id], (nodeId) => orders.get(nodeId) ?? [], 30);
    expect(told).toEqual([node.id, other.id]);
    expect(await first.heard('move')).toEqual({ type: 'move', servers: ['b:1', 'a:1'], withinSeconds: 30 });
    expect(await second.heard('move')).toEqual({ type: 'move', servers: ['c:1', 'a:1'], withinSeconds: 30 });
    expect(here.gateway.move([node.id], () => [], 30)).toEqual([]);
    // It holds the connection until the agent itself ends it.
    await first.beat();
    expect(first.closedWith).toBeUndefined();
  });
});

describe('the servers of a node', () => {
  it('come in its own order with the welcome, and with every announcement', async () => {
    const { here, node, credentials } = await openTwo();
    const other = (await here.addNode('worker2')).node;
    here.servers.set(node.id, ['b:1', 'a:1']);
    const agent = await FakeAgent.admitted(here, credentials);
    const second = await FakeAgent.admitted(here, await here.certify(other));
    expect((await agent.heard('welcome')).settings.servers).toEqual(['b:1', 'a:1']);
    expect((await second.heard('welcome')).settings.servers).toEqual(['127.0.0.1:1']);
    here.servers.set(node.id, ['a:1', 'b:1']);
    here.gateway.announceSettings(new Set([node.id]));
    expect((await agent.heard('settings')).settings).toEqual({ ...here.settings, servers: ['a:1', 'b:1'] });
    await second.beat();
    expect(second.received.some((one) => one.type === 'settings')).toBe(false);
    here.gateway.announceSettings();
    expect((await second.heard('settings')).settings.servers).toEqual(['127.0.0.1:1']);
  });

  it('are in the answer to its enrolment', async () => {
    const here = await openGateway();
    const { node, secret } = await here.addNode('worker1');
    here.servers.set(node.id, ['b:1', 'a:1']);
    const { csrPem } = await makeKeyAndCsr({ nodeName: 'worker1' });
    const { status, body } = await enrolAt(here, { name: 'worker1', secret, csrPem });
    expect([status, body['servers']]).toEqual([200, ['b:1', 'a:1']]);
  });
});

describe('pings of an agent', () => {
  it('are answered', async () => {
    const { here, credentials } = await openTwo();
    const agent = await FakeAgent.admitted(here, credentials);
    const answered = vi.fn();
    agent.socket.on('pong', answered);
    agent.socket.ping();
    await vi.waitFor(() => expect(answered).toHaveBeenCalledOnce(), waiting);
  });

  it('end its connection when they flood the door', async () => {
    const { here, credentials } = await openTwo();
    const agent = await FakeAgent.admitted(here, credentials);
    for (let count = 0; count < 400; count += 1) agent.socket.ping();
    // What it says for a farewell may be lost among the answers to the pings.
    expect([4003, 1006]).toContain((await agent.closed()).code);
    expect(here.lines.some(({ fields }) => fields['reason'] === 'too many messages at once')).toBe(true);
  });
});
