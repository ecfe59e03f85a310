import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Crash, crashingFiles, dueAgeMs, enrolledNode } from '../../test/enrolled-node.ts';
import { makeFakeAuthority, type FakeAuthority } from '../../test/fake-authority.ts';
import { FakeGateway } from '../../test/fake-gateway.ts';
import { longestGapMs, runAgent, type AgentUnderTest } from '../../test/running-agent.ts';
import { waitFor } from '../../test/wait-for.ts';
import { systemClock, type Clock } from '../clock.ts';
import { IdentityStore } from '../state/identity-store.ts';

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
const due = (): ReturnType<typeof enrolledNode> => enrolledNode(authority, [gateway.address], dueAgeMs);
const logged = ({ lines }: AgentUnderTest, text: string): Promise<void> =>
  waitFor(() => lines.some((line) => line.includes(text)), `"${text}" in the log`);

describe('a renewal', () => {
  it('hands over to the new certificate without a gap between heartbeats', async () => {
    gateway.behaviour.settings = { ...gateway.behaviour.settings, heartbeatSeconds: 0.5 };
    gateway.behaviour.beforeRenewal = () => gateway.waitForMessages('heartbeat', 2);
    const { stateDir, identity } = await due();
    const under = await runAgent(stateDir);
    await logged(under, 'certificate renewed');
    await gateway.waitForMessages('heartbeat', gateway.messages('heartbeat').length + 3);
    const [old, fresh] = gateway.connections;
    expect(gateway.connections).toHaveLength(2);
    expect([old?.serial, fresh?.serial === identity.serial]).toEqual([identity.serial, false]);

    const beats = gateway.messages('heartbeat');
    expect(beats.map((one) => one.message.sequence)).toEqual(beats.map((_, index) => index));
    expect(new Set(beats.map((one) => one.serial)).size).toBe(2);
    // The interval with its jitter, and room for a busy machine: one heartbeat left out would be 900 ms at least.
    expect(longestGapMs(beats.map((one) => one.atMs))).toBeLessThan(850);

    const store = new IdentityStore(stateDir);
    expect(await store.current()).toMatchObject({ generation: 2, serial: fresh?.serial });
    expect((await store.all()).map((one) => one.generation)).toEqual([2, 1]);
    expect((await store.current())?.keyPem).not.toBe(identity.keyPem);
  });

  it('keeps the old connection where the server does not end it, until the new one is welcome', async () => {
    gateway.behaviour.replaces = false;
    gateway.behaviour.beforeRenewal = () => gateway.waitForMessages('heartbeat', 2);
    const { stateDir } = await due();
    const under = await runAgent(stateDir);
    await logged(under, 'certificate renewed');
    await waitFor(() => gateway.connections[0]?.closedWith === 1000, 'the old connection to be closed in good order');
    const [old, fresh] = gateway.connections;
    const lastOld = old!.received.at(-1)!.atMs;
    expect(fresh!.received.find((one) => one.message.type === 'heartbeat')!.atMs - lastOld).toBeLessThan(390);
    // The new one was there, and had said who it is, before the old one was closed.
    expect(fresh!.received[0]!.atMs).toBeLessThan(old!.closedAtMs!);
  });

  it('is used by every later connection', async () => {
    const { stateDir, identity } = await due();
    const under = await runAgent(stateDir, { clock: hasty });
    await logged(under, 'certificate renewed');
    gateway.behaviour.revoked.add(identity.serial);
    gateway.dropAll();
    await waitFor(() => gateway.connections.length === 3, 'a third connection');
    expect(gateway.connections[2]?.serial).toBe(gateway.connections[1]?.serial);
  });

  it('is not done before its time, nor twice', async () => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    await runAgent(stateDir);
    await gateway.waitForMessages('heartbeat', 5);
    expect(gateway.messages('renew')).toEqual([]);

    const ahead: Clock = { ...systemClock, wallMs: () => Date.now() + 10 * 365 * 86_400_000 };
    const other = await enrolledNode(authority, [gateway.address]);
    const under = await runAgent(other.stateDir, { clock: ahead });
    await logged(under, 'certificate renewed');
    await gateway.waitForMessages('heartbeat', gateway.messages('heartbeat').length + 8);
    expect(gateway.messages('renew')).toHaveLength(1);
  });
});

describe('a renewal that fails', () => {
  it.each([
    ['refuse', 'The server refused the renewal: not today'],
    ['garbage', 'The chain or the root holds no certificate'],
    ['wrong-key', 'another key than this node made'],
  ] as const)('by %s leaves the old identity in use and nothing behind', async (renewal, reason) => {
    gateway.behaviour.renewal = renewal;
    const { stateDir, identity } = await due();
    const under = await runAgent(stateDir);
    await logged(under, reason);
    const store = new IdentityStore(stateDir);
    expect(await store.current()).toEqual(identity);
    expect(await store.pending()).toBeUndefined();
    expect(gateway.openConnections).toHaveLength(1);
  });

  it('for want of an answer repeats the same request later', async () => {
    gateway.behaviour.renewal = 'ignore';
    const { stateDir } = await due();
    const quick: Clock = { ...hasty, after: (delayMs, act) => systemClock.after(delayMs > 20_000 ? 300 : delayMs, act) };
    const under = await runAgent(stateDir, { clock: quick });
    await logged(under, 'The server gave no answer to the renewal');
    gateway.behaviour.renewal = 'certify';
    await logged(under, 'certificate renewed');
    const asked = gateway.messages('renew');
    expect(new Set(asked.map((one) => one.message.csrPem)).size).toBe(1);
    expect(new Set(asked.map((one) => one.message.id)).size).toBe(asked.length);
  });

  it('when the new certificate is refused throws it away and stays connected with the old one', async () => {
    const { stateDir, identity } = await due();
    gateway.behaviour.replaces = false;
    const has = gateway.behaviour.revoked;
    // Everything but the old certificate is turned down.
    has.has = (serial) => serial !== identity.serial;
    const under = await runAgent(stateDir);
    await logged(under, 'The server did not accept the new certificate');
    await gateway.waitForMessages('heartbeat', gateway.messages('heartbeat').length + 3);
    expect(gateway.openConnections.map((one) => one.serial)).toEqual([identity.serial]);
    const store = new IdentityStore(stateDir);
    expect([await store.current(), (await store.all()).length]).toEqual([identity, 1]);
  });

  it('when the server dies while the new certificate is shown to it keeps that one, and shows it again', async () => {
    const { stateDir } = await due();
    gateway.behaviour.beforeRenewal = () => {
      gateway.behaviour.upgrade = 'hang-up';
      return Promise.resolve();
    };
    const quick: Clock = { ...hasty, after: (delayMs, act) => systemClock.after(delayMs > 20_000 ? 300 : delayMs, act) };
    const under = await runAgent(stateDir, { clock: quick });
    await logged(under, 'The new certificate could not be proven');
    gateway.behaviour.upgrade = 'accept';
    await logged(under, 'certificate renewed');
    expect(gateway.messages('renew')).toHaveLength(1);
  });

  it('because the key could not be made is tried again', async () => {
    const { stateDir, identity } = await due();
    const under = await runAgent(stateDir, { makeKey: () => Promise.reject(new Error('no space left')) });
    await logged(under, 'reason="no space left"');
    expect(await new IdentityStore(stateDir).current()).toEqual(identity);
  });
});

describe('a crash at any write of a renewal', () => {
  it('leaves an identity that connects, and the next start completes the renewal', async () => {
    let at = 1;
    for (let crashed = true; crashed; at += 1) {
      const { stateDir } = await due();
      const crash = crashingFiles(at, at % 2 === 0 ? 'before' : 'after');
      const under = await runAgent(stateDir, { store: new IdentityStore(stateDir, crash.files), clock: hasty });
      await waitFor(
        () => under.lines.some((line) => /certificate renewed|crash (?:before|after)/u.test(line)),
        `the end of the renewal at write ${at}`,
      );
      crashed = crash.crashed();
      await under.agent.stop();

      const store = new IdentityStore(stateDir);
      expect(await store.current()).toBeDefined();
      const next = await runAgent(stateDir, { clock: hasty });
      await logged(next, 'connected');
      if ((await store.current())?.generation === 1) await logged(next, 'certificate renewed');
      expect((await store.current())?.generation).toBeGreaterThan(1);
      await next.agent.stop();
    }
    expect(at).toBeGreaterThan(7);
    expect(new Crash().message).toBe('');
  });

  it('does not lock the node out when the server has already dropped the old certificate', async () => {
    const { stateDir, identity } = await due();
    // The write that makes the new certificate the current one never happens.
    const { files } = crashingFiles(7, 'before');
    const under = await runAgent(stateDir, { store: new IdentityStore(stateDir, files), clock: hasty });
    await logged(under, 'crash before write 7');
    await under.agent.stop();
    const store = new IdentityStore(stateDir);
    expect([(await store.current())?.generation, (await store.all()).length]).toEqual([1, 2]);

    gateway.behaviour.revoked.add(identity.serial);
    const next = await runAgent(stateDir, { clock: hasty });
    await logged(next, 'another identity of this node is in use from now on');
    await gateway.waitForMessages('heartbeat', 1);
    await next.agent.stop();
    expect((await store.current())?.generation).toBe(2);
  });
});
