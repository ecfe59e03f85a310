import { closeCodes } from '@muster/api/agent';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addIdentity, enrolledNode } from '../../test/enrolled-node.ts';
import { makeFakeAuthority, type FakeAuthority } from '../../test/fake-authority.ts';
import { FakeGateway, nodeId, sendGarbage } from '../../test/fake-gateway.ts';
import { runAgent } from '../../test/running-agent.ts';
import { waitFor } from '../../test/wait-for.ts';
import { systemClock, type Clock } from '../clock.ts';
import { IdentityStore } from '../state/identity-store.ts';
import { readNodeRecord } from '../state/node-record.ts';

let authority: FakeAuthority;
let gateway: FakeGateway;

beforeAll(async () => {
  authority = await makeFakeAuthority();
});
beforeEach(async () => {
  gateway = await FakeGateway.start(authority);
});
afterEach(() => gateway.stop());

/** Real time, but no waiting by chance: every jitter comes out at its shortest. */
const hasty: Clock = { ...systemClock, random: () => 0.02 };

const logged = (lines: string[], text: string): Promise<void> =>
  waitFor(() => lines.some((line) => line.includes(text)), `"${text}" in the log`);

describe('a connection', () => {
  it('begins with hello, then after the welcome a report, then heartbeats and which certificate services have', async () => {
    const { stateDir, identity } = await enrolledNode(authority, [gateway.address]);
    await runAgent(stateDir);
    await gateway.waitForMessages('heartbeat', 3);
    await gateway.waitForMessages('certificate-taken', 1);
    const { serial, received } = gateway.connections[0]!;
    expect(serial).toBe(identity.serial);
    const types = received.map((one) => one.message.type);
    expect(types.slice(0, 2)).toEqual(['hello', 'report']);
    // The folder of certificates is written beside the heartbeats: it may be told before or after the first of them.
    expect(new Set(types.slice(2))).toEqual(new Set(['certificate-taken', 'heartbeat']));
    expect(received[0]?.message).toMatchObject({ protocol: 1, agentVersion: expect.any(String), clockMs: expect.any(Number) });
    expect(
      gateway
        .messages('heartbeat')
        .map((one) => one.message.sequence)
        .slice(0, 3),
    ).toEqual([0, 1, 2]);
    expect(gateway.messages('report')).toHaveLength(1);
  });

  it('takes new settings at once, and keeps the servers it learned', async () => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    await runAgent(stateDir);
    await gateway.waitForMessages('report', 1);
    const servers = [gateway.address, '192.0.2.7:7443'];
    gateway.sendToAll({ type: 'settings', settings: { heartbeatSeconds: 0.1, timeoutSeconds: 5, reportSeconds: 1, servers } });
    await gateway.waitForMessages('report', 2);
    expect(gateway.messages('heartbeat').length).toBeGreaterThan(6);
    expect(await readNodeRecord(stateDir)).toMatchObject({ servers });
  });

  it('ends in good order', async () => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    const { agent } = await runAgent(stateDir);
    await gateway.waitForMessages('report', 1);
    await agent.stop();
    await waitFor(() => gateway.connections[0]?.closedWith === 1000, 'a close frame');
  });

  it('survives whatever the server says', async () => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    await runAgent(stateDir);
    await gateway.waitForMessages('heartbeat', 1);
    for (let round = 0; round < 20; round += 1) sendGarbage(gateway.connections[0]!.socket);
    const before = gateway.messages('heartbeat').length;
    await gateway.waitForMessages('heartbeat', before + 3);
    expect(gateway.connections).toHaveLength(1);
  });

  it('is ended by a message beyond all bounds, and comes back', async () => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    await runAgent(stateDir, { clock: hasty });
    await gateway.waitForMessages('report', 1);
    gateway.sendToAll('x'.repeat(2_000_000));
    await gateway.waitForMessages('hello', 2);
  });
});

describe('a lost connection', () => {
  it('is noticed when heartbeats are not answered, and opened again', async () => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    gateway.behaviour.settings = { ...gateway.behaviour.settings, timeoutSeconds: 0.6 };
    const { lines } = await runAgent(stateDir, { clock: hasty });
    await gateway.waitForMessages('heartbeat', 2);
    gateway.behaviour.acknowledge = false;
    await logged(lines, 'heartbeats are not answered');
    gateway.behaviour.acknowledge = true;
    await gateway.waitForMessages('hello', 2);
    await gateway.waitForMessages('report', 2);
  });

  it.each([
    ['dropped', (): void => gateway.dropAll(), 'cause=lost'],
    ['closed by a server that goes away', (): void => gateway.closeAll(closeCodes.goingAway), 'cause=going-away'],
    ['closed without a reason', (): void => gateway.closeAll(1011), 'cause=lost'],
  ])('comes back when it was %s', async (_how, end, said) => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    const { lines } = await runAgent(stateDir, { clock: hasty });
    await gateway.waitForMessages('report', 1);
    end();
    await logged(lines, said);
    await gateway.waitForMessages('report', 2);
  });

  it('goes to the next server of the list first, and round again', async () => {
    const other = await FakeGateway.start(authority);
    try {
      const { stateDir } = await enrolledNode(authority, [gateway.address, other.address]);
      await runAgent(stateDir, { clock: hasty });
      await gateway.waitForMessages('report', 1);
      gateway.dropAll();
      await other.waitForMessages('report', 1);
      expect(gateway.connections).toHaveLength(1);
      other.dropAll();
      await gateway.waitForMessages('report', 2);
    } finally {
      await other.stop();
    }
  });

  it('waits for a server that is not there yet', async () => {
    const { port, address } = gateway;
    await gateway.stop();
    const { stateDir } = await enrolledNode(authority, [address]);
    const { lines } = await runAgent(stateDir, { clock: hasty });
    await logged(lines, 'ECONNREFUSED');
    gateway = await FakeGateway.start(authority, {}, port);
    await gateway.waitForMessages('report', 1);
  });

  it.each([
    ['answers with an HTTP error', { upgrade: 503 } as const, 'HTTP status 503'],
    ['hangs up', { upgrade: 'hang-up' } as const, 'cause=rejected'],
    ['closes for a protocol error', { hello: { close: closeCodes.protocol } } as const, 'cause=protocol'],
  ])('is tried again when the server %s', async (_what, behaviour, said) => {
    Object.assign(gateway.behaviour, behaviour);
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    const { lines } = await runAgent(stateDir, { clock: hasty });
    await logged(lines, said);
    expect(lines.some((line) => line.includes('retrySeconds='))).toBe(true);
  });

  it('is given up when no welcome comes', async () => {
    gateway.behaviour.hello = 'garbage';
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    const impatient: Clock = { ...hasty, after: (delayMs, act) => systemClock.after(delayMs / 20, act) };
    const { lines } = await runAgent(stateDir, { clock: impatient });
    await logged(lines, 'no welcome in time');
    gateway.behaviour.hello = 'welcome';
    await gateway.waitForMessages('report', 1);
  });
});

describe('a server that does not want this node', () => {
  it.each([
    ['a close code', { hello: { close: closeCodes.refused } } as const],
    ['HTTP 403', { upgrade: 403 } as const],
  ])('is asked slowly, and the log says what to do: %s', async (_how, behaviour) => {
    Object.assign(gateway.behaviour, behaviour);
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    const { lines } = await runAgent(stateDir);
    await logged(lines, 'enroll --force');
    const line = lines.find((one) => one.includes('cause=refused'));
    expect(Number(/retrySeconds=([\d.]+)/u.exec(line ?? '')?.[1])).toBeGreaterThanOrEqual(240);
  });

  it('gets the previous identity when it refuses the newest, which is then the one in use', async () => {
    const { stateDir, identity: older } = await enrolledNode(authority, [gateway.address]);
    const newer = await addIdentity(authority, stateDir);
    gateway.behaviour.revoked.add(newer.serial);
    await runAgent(stateDir, { clock: hasty });
    await gateway.waitForMessages('heartbeat', 1);
    expect(gateway.messages('heartbeat')[0]?.serial).toBe(older.serial);
    const store = new IdentityStore(stateDir);
    await waitFor(() => gateway.messages('heartbeat').length > 1, 'another heartbeat');
    expect((await store.current())?.generation).toBe(1);
  });

  it('gets room when another agent has the same identity', async () => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    const first = await runAgent(stateDir);
    await gateway.waitForMessages('report', 1);
    await runAgent(stateDir);
    await logged(first.lines, 'another agent uses the identity of this node');
    const line = first.lines.find((one) => one.includes('cause=replaced'));
    expect(Number(/retrySeconds=([\d.]+)/u.exec(line ?? '')?.[1])).toBeGreaterThanOrEqual(15);
  });
});

describe('an agent does not trust', () => {
  it('a server of another authority', async () => {
    const stranger = await FakeGateway.start(await makeFakeAuthority());
    try {
      const { stateDir } = await enrolledNode(authority, [stranger.address]);
      const { lines } = await runAgent(stateDir, { clock: hasty });
      await logged(lines, 'self-signed certificate in certificate chain');
      expect([stranger.httpBytes, stranger.connections.length]).toEqual([0, 0]);
    } finally {
      await stranger.stop();
    }
  });

  it('another node of its own authority', async () => {
    const { stateDir, identity } = await enrolledNode(authority, []);
    const impostor = await FakeGateway.start({ ...authority, serverKeyPem: identity.keyPem, serverChainPem: identity.chainPem });
    try {
      const { lines } = await runAgent(stateDir, { clock: hasty, config: { watch: [], logLevel: 'debug', servers: [impostor.address] } });
      await logged(lines, 'does not match certificate');
      expect(impostor.httpBytes).toBe(0);
    } finally {
      await impostor.stop();
    }
  });
});

it('does not start without an identity or a server', async () => {
  const { stateDir } = await enrolledNode(authority, []);
  await expect(runAgent(stateDir)).rejects.toThrow(/No server is known/u);
  await expect(runAgent(`${stateDir}/none`)).rejects.toThrow(/not enrolled/u);
  expect(nodeId).toMatch(/^[0-9a-f-]{36}$/u);
});
