/* A rotation from the task to its end: key, certificate, proof, services, and the word that the old one has ended. */
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { crashingFiles, enrolledNode } from '../../test/enrolled-node.ts';
import { makeFakeAuthority, type FakeAuthority } from '../../test/fake-authority.ts';
import { FakeGateway } from '../../test/fake-gateway.ts';
import { longestGapMs, runAgent, type AgentUnderTest } from '../../test/running-agent.ts';
import { waitFor } from '../../test/wait-for.ts';
import { AdoptionState } from '../adoption/adoption-state.ts';
import { systemClock, type Clock } from '../clock.ts';
import { IdentityStore } from '../state/identity-store.ts';
import { TrustStore } from '../state/trust-store.ts';
import { TaskJournal } from '../tasks/task-journal.ts';

let authority: FakeAuthority;
let next: FakeAuthority;
let gateway: FakeGateway;

beforeAll(async () => {
  authority = await makeFakeAuthority();
  next = await makeFakeAuthority();
});
beforeEach(async () => {
  gateway = await FakeGateway.start(authority);
});
afterEach(() => gateway.stop());

const quick: Clock = { ...systemClock, random: () => 0.02 };

/** A node whose services take the certificate from a folder and are told by a hook that notes what it is shown. */
async function nodeWithServices(): Promise<{ stateDir: string; serial: string; noted: () => string[] }> {
  const { stateDir, identity } = await enrolledNode(authority, [gateway.address]);
  mkdirSync(join(stateDir, 'pki'), { mode: 0o755 });
  mkdirSync(join(stateDir, 'hooks.d'), { mode: 0o755 });
  const log = join(stateDir, 'noted');
  appendFileSync(log, '');
  const script = `#!/bin/sh\nopenssl x509 -in "$1/cert.pem" -noout -serial >> ${log}\n`;
  writeFileSync(join(stateDir, 'hooks.d', '10-note'), script, { mode: 0o755 });
  const noted = (): string[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace('serial=', ''));
  return { stateDir, serial: identity.serial, noted };
}

const settledOnDisk = (stateDir: string): Promise<void> =>
  vi.waitFor(async () => expect(await new AdoptionState(stateDir).read()).toMatchObject({ settled: true }), 5000);

const task = (id: string) => ({ type: 'task', id, lane: 'control', beginWithinSeconds: 60, timeoutSeconds: 60, work: { kind: 'rotate' } });
const published = (stateDir: string): string => readFileSync(join(stateDir, 'pki', 'current', 'key.pem'), 'utf8');
const resultOf = (id: string) => gateway.messages('task-result').find((one) => one.message.id === id)?.message;
const taken = () => gateway.messages('certificate-taken').map((one) => one.message);
/** The agent's word that its services know these roots. */
const trusting = (...all: FakeAuthority[]): Promise<void> =>
  waitFor(
    () => gateway.messages('trusts').some((one) => one.message.roots.join() === fingerprints(...all).join()),
    'the word about the roots',
  );
const fingerprints = (...all: FakeAuthority[]): string[] => all.map((one) => one.authority.fingerprint).toSorted();
const logged = ({ lines }: AgentUnderTest, text: string): Promise<void> =>
  waitFor(() => lines.some((line) => line.includes(text)), `"${text}" in the log`);

describe('at its start an agent', () => {
  it('publishes its certificate, tells the services, and tells the server until that has settled it', async () => {
    gateway.behaviour.settles = false;
    const { stateDir, serial, noted } = await nodeWithServices();
    const under = await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('certificate-taken', 1);
    expect(taken()[0]).toEqual({
      type: 'certificate-taken',
      serial: serial.toLowerCase(),
      hooks: [{ name: '10-note', ok: true, message: 'exit status 0' }],
    });
    expect(noted()).toEqual([serial]);
    await under.agent.stop();
    gateway.behaviour.settles = true;
    const again = await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('certificate-taken', 2);
    await settledOnDisk(stateDir);
    expect(noted()).toEqual([serial]);
    await again.agent.stop();
    await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', gateway.messages('heartbeat').length + 3);
    expect(taken()).toHaveLength(2);
  });

  it('without a folder for services says that there is nobody to tell', async () => {
    const { stateDir } = await enrolledNode(authority, [gateway.address]);
    await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('certificate-taken', 1);
    expect(taken()[0]?.hooks).toEqual([]);
  });

  it('publishes into a folder that was made after the server had settled everything', async () => {
    const { stateDir, serial } = await enrolledNode(authority, [gateway.address]).then((one) => ({ ...one, serial: one.identity.serial }));
    const first = await runAgent(stateDir, { clock: quick });
    await settledOnDisk(stateDir);
    await first.agent.stop();
    mkdirSync(join(stateDir, 'pki'), { mode: 0o755 });
    await runAgent(stateDir, { clock: quick });
    await vi.waitFor(() => expect(published(stateDir)).toContain('PRIVATE KEY'), 5000);
    await vi.waitFor(
      async () => expect(await new AdoptionState(stateDir).read()).toMatchObject({ serial: serial.toLowerCase(), settled: true }),
      5000,
    );
  });

  it('says what stands in the way of publishing, and does it once that is gone', async () => {
    const { stateDir } = await nodeWithServices();
    const under = await runAgent(stateDir, {
      clock: { ...quick, after: (delayMs, act) => systemClock.after(delayMs > 30_000 ? 200 : delayMs, act) },
      runHooks: () => Promise.reject(new Error('no space left')),
    });
    await logged(under, 'could not be told of the certificate');
    await gateway.waitForMessages('certificate-taken', 1);
    expect(taken()[0]?.hooks).toEqual([{ name: 'publish', ok: false, message: 'no space left' }]);
    expect(under.lines.filter((line) => line.includes('could not be told')).length).toBeGreaterThan(0);
  });
});

describe('a rotation task', () => {
  it('succeeds when the new certificate is proven, the services have it and the old one has ended, and no heartbeat is missed', async () => {
    gateway.behaviour.settings = { ...gateway.behaviour.settings, heartbeatSeconds: 0.5 };
    gateway.behaviour.settles = false;
    const { stateDir, serial, noted } = await nodeWithServices();
    await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', 3);
    const id = randomUUID();
    gateway.sendToAll(task(id));
    await waitFor(() => gateway.connections.length === 2, 'the second connection');
    const fresh = gateway.connections[1]?.serial ?? '';
    await waitFor(() => taken().some((one) => one.serial === fresh.toLowerCase()), 'the word about the new certificate');
    expect(noted()).toEqual([serial, fresh]);
    await gateway.waitForMessages('heartbeat', gateway.messages('heartbeat').length + 3);
    expect(resultOf(id)).toBeUndefined();
    gateway.sendToAll({ type: 'certificate-settled', serial });
    gateway.sendToAll({ type: 'certificate-settled', serial: fresh.toLowerCase() });
    await gateway.waitForMessages('task-result', 1);
    expect(resultOf(id)).toMatchObject({
      outcome: 'succeeded',
      message: `Certificate ${fresh.toLowerCase()} is in use; the old one is revoked.`,
      output: '10-note: ok: exit status 0\n',
    });
    const beats = gateway.messages('heartbeat');
    expect(beats.map((one) => one.message.sequence)).toEqual(beats.map((_, index) => index));
    expect(longestGapMs(beats.map((one) => one.atMs))).toBeLessThan(850);
    expect((await new IdentityStore(stateDir).current())?.serial).toBe(fresh);
  });

  it('that is told twice, or begun anew after a crash, rotates once', async () => {
    const { stateDir, noted } = await nodeWithServices();
    const id = randomUUID();
    const under = await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', 1);
    gateway.sendToAll(task(id));
    gateway.sendToAll(task(id));
    await gateway.waitForMessages('task-result', 1);
    await under.agent.stop();
    // As if the result had not been written: the journal says begun.
    writeFileSync(
      join(stateDir, 'tasks', `${id}.json`),
      JSON.stringify({ sequence: 1, state: 'begun', task: { id, lane: 'control', timeoutSeconds: 60, work: { kind: 'rotate' } } }),
    );
    await runAgent(stateDir, { clock: quick, journal: await TaskJournal.open(stateDir) });
    await gateway.waitForMessages('task-result', 2);
    expect(resultOf(id)).toMatchObject({ outcome: 'succeeded' });
    expect((await new IdentityStore(stateDir).current())?.generation).toBe(2);
    expect(noted()).toHaveLength(2);
  });

  it('that a hook did not go along with says so, while the others ran', async () => {
    const { stateDir } = await nodeWithServices();
    writeFileSync(join(stateDir, 'hooks.d', '05-broken'), '#!/bin/sh\necho "bad configuration" >&2\nexit 1\n', { mode: 0o755 });
    await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', 1);
    const id = randomUUID();
    gateway.sendToAll(task(id));
    await gateway.waitForMessages('task-result', 1);
    expect(resultOf(id)).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/is in use, but hooks failed \(05-broken\)/u) as string,
      output: '05-broken: failed: exit status 1: bad configuration\n10-note: ok: exit status 0\n',
    });
    expect((await new IdentityStore(stateDir).current())?.generation).toBe(2);
  });

  it('is refused by the server with its words, and the old certificate stays', async () => {
    gateway.behaviour.renewal = 'refuse';
    const { stateDir, serial } = await nodeWithServices();
    await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', 1);
    const id = randomUUID();
    gateway.sendToAll(task(id));
    await gateway.waitForMessages('task-result', 1);
    expect(resultOf(id)).toMatchObject({ outcome: 'failed', message: 'The server refused the renewal: not today' });
    expect((await new IdentityStore(stateDir).current())?.serial).toBe(serial);
    expect(gateway.openConnections).toHaveLength(1);
  });

  it('waits for a server that goes away in the middle', async () => {
    gateway.behaviour.renewal = 'ignore';
    const { stateDir } = await nodeWithServices();
    await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', 1);
    const id = randomUUID();
    gateway.sendToAll(task(id));
    await gateway.waitForMessages('renew', 1);
    gateway.dropAll();
    gateway.behaviour.renewal = 'certify';
    await gateway.waitForMessages('task-result', 1, 15_000);
    expect(resultOf(id)).toMatchObject({ outcome: 'succeeded' });
  });

  it('that is cancelled while it waits ends, and the certificate is in use all the same', async () => {
    gateway.behaviour.settles = false;
    const { stateDir } = await nodeWithServices();
    await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', 1);
    const id = randomUUID();
    gateway.sendToAll(task(id));
    await waitFor(() => gateway.connections.length === 2, 'the second connection');
    await waitFor(() => taken().length >= 2, 'the word about the new certificate');
    gateway.sendToAll({ type: 'cancel-task', id });
    await gateway.waitForMessages('task-result', 1);
    expect(resultOf(id)).toMatchObject({ outcome: 'cancelled' });
    expect((await new IdentityStore(stateDir).current())?.generation).toBe(2);
  });
});

describe('a crash at any write of a rotation', () => {
  it('leaves a node that connects, whose services have a whole certificate, and the rotation goes on to its end', async () => {
    let at = 1;
    let crashes = 0;
    for (let crashed = true; crashed; at += 1) {
      const { stateDir, serial } = await nodeWithServices();
      const before = await runAgent(stateDir, { clock: quick });
      await settledOnDisk(stateDir);
      await before.agent.stop();

      const crash = crashingFiles(at, at % 2 === 0 ? 'before' : 'after');
      const under = await runAgent(stateDir, {
        clock: quick,
        files: crash.files,
        store: new IdentityStore(stateDir, crash.files),
        journal: await TaskJournal.open(stateDir),
      });
      const welcomed = gateway.messages('hello').length;
      await waitFor(() => gateway.messages('hello').length >= welcomed && gateway.openConnections.length > 0, 'a connection');
      await gateway.waitForMessages('heartbeat', gateway.messages('heartbeat').length + 1);
      const id = randomUUID();
      gateway.sendToAll(task(id));
      await waitFor(
        () => resultOf(id) !== undefined || under.lines.some((line) => /crash (?:before|after)/u.test(line)),
        `the end of the rotation at write ${at}`,
        8000,
      );
      crashed = crash.crashed();
      crashes += crashed ? 1 : 0;
      await under.agent.stop();

      // As after kill -9: the task was begun, and nothing of its result is known.
      const begun = { id, lane: 'control', timeoutSeconds: 60, work: { kind: 'rotate' } };
      writeFileSync(join(stateDir, 'tasks', `${id}.json`), JSON.stringify({ sequence: 1, state: 'begun', task: begun }));
      const store = new IdentityStore(stateDir);
      const onDisk = await store.current();
      expect(onDisk).toBeDefined();
      const keys = (await store.all()).map((one) => one.keyPem);
      expect(keys).toContain(published(stateDir));
      const results = gateway.messages('task-result').length;
      const restarted = await runAgent(stateDir, { clock: quick, journal: await TaskJournal.open(stateDir) });
      await gateway.waitForMessages('task-result', results + 1, 8000);
      expect(gateway.messages('task-result').at(-1)?.message).toMatchObject({ id, outcome: 'succeeded' });
      const current = await store.current();
      expect(current?.serial).not.toBe(serial);
      expect(published(stateDir)).toBe(current?.keyPem);
      await restarted.agent.stop();
      gateway.dropAll();
    }
    expect(crashes).toBeGreaterThan(12);
  }, 180_000);
});

describe('while one authority replaces another, an agent', () => {
  const both = () => authority.authority.rootPem + next.authority.rootPem;

  it('says with its hello which roots it trusts, keeps the ones it is told, and tells its services before it answers', async () => {
    const { stateDir } = await nodeWithServices();
    const under = await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', 1);
    expect(gateway.messages('hello')[0]?.message.roots).toEqual(fingerprints(authority));
    gateway.sendToAll({ type: 'trust', rootsPem: both() });
    await trusting(authority, next);
    const told = gateway.messages('trusts').length;
    expect(readFileSync(join(stateDir, 'pki', 'current', 'ca.pem'), 'utf8')).toBe(both());
    gateway.sendToAll({ type: 'trust', rootsPem: both() });
    await gateway.waitForMessages('trusts', told + 1);
    await under.agent.stop();
    await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('hello', 2);
    expect(gateway.messages('hello')[1]?.message.roots).toEqual(fingerprints(authority, next));
  });

  it('takes a certificate of the new one when it is asked to, and goes on with both', async () => {
    const { stateDir, serial } = await nodeWithServices();
    await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', 1);
    gateway.sendToAll({ type: 'trust', rootsPem: both() });
    await trusting(authority, next);
    gateway.behaviour.signer = next;
    gateway.sendToAll({ type: 'rotate' });
    await waitFor(() => gateway.connections.length === 2, 'the second connection');
    await vi.waitFor(async () => expect((await new IdentityStore(stateDir).current())?.serial).not.toBe(serial), 5000);
    expect(await new IdentityStore(stateDir).current()).toMatchObject({ rootFingerprint: next.authority.fingerprint, generation: 2 });
  });

  it('does not take a certificate of an authority that it was not told to trust', async () => {
    const { stateDir, serial } = await nodeWithServices();
    const under = await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', 1);
    gateway.behaviour.signer = next;
    gateway.sendToAll({ type: 'rotate' });
    await logged(under, 'The chain leads to no root that this node trusts');
    expect((await new IdentityStore(stateDir).current())?.serial).toBe(serial);
    expect(gateway.openConnections).toHaveLength(1);
  });

  it('is not locked out by a server that leaves its own root out, nor by roots that are none', async () => {
    const { stateDir } = await nodeWithServices();
    const under = await runAgent(stateDir, { clock: quick });
    await gateway.waitForMessages('heartbeat', 1);
    gateway.sendToAll({ type: 'trust', rootsPem: 'nonsense' });
    await logged(under, 'the roots that the server told could not be kept');
    expect(await new TrustStore(stateDir).read()).toEqual([]);
    gateway.sendToAll({ type: 'trust', rootsPem: next.authority.rootPem });
    await trusting(authority, next);
    gateway.dropAll();
    await gateway.waitForMessages('hello', 2);
    await gateway.waitForMessages('heartbeat', gateway.messages('heartbeat').length + 1);
    expect(gateway.messages('hello')[1]?.message.roots).toEqual(fingerprints(authority, next));
  });
});
