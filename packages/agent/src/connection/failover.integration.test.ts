/* Several servers at once: which one an agent goes to when its own is gone, and how it is moved. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { closeCodes } from '@muster/api/agent';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { enrolledNode } from '../../test/enrolled-node.ts';
import { makeFakeAuthority, type FakeAuthority } from '../../test/fake-authority.ts';
import { type Behaviour, FakeGateway } from '../../test/fake-gateway.ts';
import { runAgent } from '../../test/running-agent.ts';
import { waitFor } from '../../test/wait-for.ts';
import { systemClock, type Clock } from '../clock.ts';
import { readNodeRecord } from '../state/node-record.ts';

let authority: FakeAuthority;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});

/** A machine that is busy with other tests. */
const patientMs = 20_000;

/** Real time with the shortest jitter, in which a test lets connections grow old. */
function agingClock(): Clock & { age(milliseconds: number): void } {
  let addedMs = 0;
  return {
    ...systemClock,
    random: () => 0.02,
    monotonicMs: () => performance.now() + addedMs,
    age: (milliseconds) => {
      addedMs += milliseconds;
    },
  };
}

async function startGateways(count: number, behaviour: Partial<Behaviour> = {}): Promise<FakeGateway[]> {
  const gateways: FakeGateway[] = [];
  for (let index = 0; index < count; index += 1) gateways.push(await FakeGateway.start(authority, behaviour));
  onTestFinished(async () => {
    for (const gateway of gateways) await gateway.stop();
  });
  return gateways;
}

/** A server whose program hangs: its host takes connections, and nobody answers. */
async function startHole(): Promise<{ readonly address: string; readonly taken: () => number }> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, taken: () => sockets.length };
}

const addressesOf = (gateways: readonly FakeGateway[]): string[] => gateways.map((one) => one.address);
const settingsFor = (servers: readonly string[]) => ({ heartbeatSeconds: 0.2, timeoutSeconds: 60, reportSeconds: 300, servers });
const said = (lines: readonly string[], text: string): Promise<void> =>
  waitFor(() => lines.some((line) => line.includes(text)), `"${text}" in the log`, patientMs);

/** An agent whose connection to the first server has held for long enough to count. */
async function settledAgent(gateways: readonly FakeGateway[], servers = addressesOf(gateways)) {
  for (const { behaviour } of gateways) behaviour.settings = settingsFor(servers);
  const { stateDir } = await enrolledNode(authority, servers);
  const clock = agingClock();
  const running = await runAgent(stateDir, { clock });
  return { ...running, clock, stateDir };
}

describe('an agent of several servers', () => {
  it.each([
    ['dies', (gateway: FakeGateway): void => gateway.dropAll(), 'cause=lost'],
    ['stops in good order', (gateway: FakeGateway): void => gateway.closeAll(closeCodes.goingAway), 'cause=going-away'],
  ])('goes on to the next at once when its server %s', async (_what, end, cause) => {
    const [first, second, third] = (await startGateways(3)) as [FakeGateway, FakeGateway, FakeGateway];
    const { lines, clock } = await settledAgent([first, second, third]);
    await first.waitForMessages('report', 1, patientMs);
    clock.age(6000);
    end(first);
    await second.waitForMessages('report', 1, patientMs);
    const line = lines.find((one) => one.includes('going on to another'));
    expect(line).toContain(cause);
    expect(line).toContain(`server=${first.address}`);
    // Nothing was waited for as after a failure of all, and the third was left in peace.
    expect(lines.some((one) => one.includes('retrySeconds'))).toBe(false);
    expect([first.connections.length, third.connections.length]).toEqual([1, 0]);
  });

  it('notices a server that falls silent by its pings, long before heartbeats would tell', async () => {
    const gateways = (await startGateways(2)) as [FakeGateway, FakeGateway];
    const servers = addressesOf(gateways);
    const probing = { ...settingsFor(servers), heartbeatSeconds: 600, timeoutSeconds: 1200, probeSeconds: 0.5, probeTimeoutSeconds: 4 };
    const { lines, clock } = await settledAgent(gateways);
    const [first, second] = gateways;
    await first.waitForMessages('report', 1, patientMs);
    second.behaviour.settings = settingsFor(servers);
    first.sendToAll({ type: 'settings', settings: probing });
    await waitFor(() => first.pings >= 2, 'two pings', patientMs);
    clock.age(6000);
    first.freeze();
    await second.waitForMessages('report', 1, patientMs);
    expect(lines.find((one) => one.includes('going on to another'))).toContain('cause=silent');
  });

  it('sends no pings where no server asks for them', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    await settledAgent([first, second]);
    await first.waitForMessages('heartbeat', 5, patientMs);
    expect(first.pings).toBe(0);
  });

  it('passes over a server that takes connections and says nothing, and pays for it once', async () => {
    const hole = await startHole();
    const [second, third] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    const { clock } = await settledAgent([second, third], [hole.address, second.address, third.address]);
    await second.waitForMessages('report', 1, patientMs);
    expect(hole.taken()).toBe(1);
    clock.age(6000);
    second.dropAll();
    await third.waitForMessages('report', 1, patientMs);
    // It stands first in the list, but it has failed lately.
    expect(hole.taken()).toBe(1);
  });

  it('passes over an address that does not answer', async () => {
    const [second] = (await startGateways(1)) as [FakeGateway];
    await settledAgent([second], ['192.0.2.1:7421', second.address]);
    await second.waitForMessages('report', 1, patientMs);
  });

  it('passes over a server that cannot take anyone now', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    first.behaviour.upgrade = 503;
    const { lines } = await settledAgent([first, second]);
    await second.waitForMessages('report', 1, patientMs);
    expect(lines.some((one) => one.includes('not connected'))).toBe(false);
  });

  it('does not go round the others with an identity that one has refused', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    first.behaviour.upgrade = 403;
    const { lines } = await settledAgent([first, second]);
    await said(lines, 'enroll --force');
    expect(second.connections).toHaveLength(0);
  });

  it('comes back with the jitter of a lone server when all are gone, and finds the one that is there first', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    for (const { behaviour } of [first, second]) behaviour.upgrade = 'hang-up';
    const { lines } = await settledAgent([first, second]);
    await said(lines, 'retrySeconds=');
    second.behaviour.upgrade = 'accept';
    await second.waitForMessages('report', 1, patientMs);
    expect(first.connections).toHaveLength(0);
  });

  it('does not go round among servers that fall over after each welcome', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    const { lines } = await settledAgent([first, second]);
    await first.waitForMessages('report', 1, patientMs);
    first.dropAll();
    await said(lines, 'retrySeconds=');
    expect(lines.some((one) => one.includes('going on to another'))).toBe(false);
    await second.waitForMessages('report', 1, patientMs);
  });
});

describe('a move', () => {
  it('takes the agent to another server without a missed heartbeat, and is kept for the next start', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    const { stateDir, lines } = await settledAgent([first, second]);
    await first.waitForMessages('heartbeat', 2, patientMs);
    const servers = [second.address, first.address];
    second.behaviour.settings = settingsFor(servers);
    first.sendToAll({ type: 'move', servers, withinSeconds: 0 });
    await second.waitForMessages('heartbeat', 2, patientMs);
    await waitFor(() => first.connections[0]?.closedWith === 1000, 'the end of the first connection', patientMs);
    const sequences = [...first.messages('heartbeat'), ...second.messages('heartbeat')].map(({ message }) => message.sequence);
    expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, index) => index));
    // The one there was welcome before the one here was closed: this node was never without a server.
    expect(lines.some((one) => one.includes('going on to another') || one.includes('not connected'))).toBe(false);
    expect(second.messages('report')).toHaveLength(1);
    await waitFor(() => lines.filter((one) => one.includes('connected server=')).length === 2, 'two welcomes', patientMs);
    expect(await readNodeRecord(stateDir)).toMatchObject({ servers });
  });

  it('that fails leaves the agent where it is, and says so', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    second.behaviour.upgrade = 503;
    const { lines } = await settledAgent([first, second]);
    await first.waitForMessages('heartbeat', 1, patientMs);
    first.sendToAll({ type: 'move', servers: [second.address, first.address], withinSeconds: 0 });
    await said(lines, 'could not go over to the other server');
    const before = first.messages('heartbeat').length;
    await first.waitForMessages('heartbeat', before + 3, patientMs);
    expect(first.connections.map((one) => one.closedWith)).toEqual([undefined]);
  });

  it('that is refused there costs the agent none of its identities', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    second.behaviour.upgrade = 403;
    const { lines } = await settledAgent([first, second]);
    await first.waitForMessages('heartbeat', 1, patientMs);
    first.sendToAll({ type: 'move', servers: [second.address, first.address], withinSeconds: 0 });
    await said(lines, 'cause=refused');
    first.dropAll();
    second.behaviour.upgrade = 'accept';
    await second.waitForMessages('report', 1, patientMs);
  });

  it('to where it is changes nothing, nor does one to no server at all', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    await settledAgent([first, second]);
    await first.waitForMessages('heartbeat', 1, patientMs);
    first.sendToAll({ type: 'move', servers: [first.address, second.address], withinSeconds: 0 });
    first.sendToAll({ type: 'move', servers: ['nonsense'], withinSeconds: 0 });
    const before = first.messages('heartbeat').length;
    await first.waitForMessages('heartbeat', before + 3, patientMs);
    expect([first.connections.length, second.connections.length]).toEqual([1, 0]);
  });

  it('does not overrule servers that are fixed on the host', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    for (const { behaviour } of [first, second]) behaviour.settings = settingsFor(addressesOf([first, second]));
    const { stateDir } = await enrolledNode(authority, []);
    const { lines } = await runAgent(stateDir, { config: { watch: [], logLevel: 'debug', servers: [first.address] } });
    await first.waitForMessages('heartbeat', 1, patientMs);
    first.sendToAll({ type: 'move', servers: [second.address], withinSeconds: 0 });
    await said(lines, 'the configuration fixes its servers');
    expect(second.connections).toHaveLength(0);
  });

  it('waits for its moment, and is overtaken by the death of the server', async () => {
    const [first, second] = (await startGateways(2)) as [FakeGateway, FakeGateway];
    const { clock } = await settledAgent([first, second]);
    await first.waitForMessages('heartbeat', 1, patientMs);
    first.sendToAll({ type: 'move', servers: [second.address, first.address], withinSeconds: 3600 });
    const before = first.messages('heartbeat').length;
    await first.waitForMessages('heartbeat', before + 2, patientMs);
    expect(second.connections).toHaveLength(0);
    clock.age(6000);
    first.dropAll();
    await second.waitForMessages('report', 1, patientMs);
  });
});
