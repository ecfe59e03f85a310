import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeKeyAndCsr } from '@muster/trust';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Crash, crashingFiles } from '../../test/enrolled-node.ts';
import { makeFakeAuthority, type FakeAuthority } from '../../test/fake-authority.ts';
import { FakeGateway, nodeId } from '../../test/fake-gateway.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { IdentityStore } from '../state/identity-store.ts';
import { readNodeRecord } from '../state/node-record.ts';
import { enrol, type EnrolOptions, type EnrolOutcome } from './enrol.ts';

let authority: FakeAuthority;
let gateway: FakeGateway;
let stateDir: string;

beforeAll(async () => {
  authority = await makeFakeAuthority();
});
beforeEach(async () => {
  gateway = await FakeGateway.start(authority);
  stateDir = temporaryFolder();
});
afterEach(() => gateway.stop());

const token = (servers: readonly string[] = [gateway.address]) => ({
  name: 'worker1',
  secret: 'a-secret',
  caFingerprint: authority.authority.fingerprint,
  servers,
});
const run = (options: Partial<EnrolOptions> = {}): Promise<EnrolOutcome> =>
  enrol({ token: token(), stateDir, force: false, makeKeyAndCsr, ...options });

/** Where nobody listens. */
async function closedPort(): Promise<string> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

describe('enrolment', () => {
  it('gives the node its identity', async () => {
    const { identity, already } = await run();
    expect(already).toBe(false);
    expect(await new IdentityStore(stateDir).current()).toEqual(identity);
    expect(identity).toMatchObject({ nodeId, generation: 1 });
    expect(await readNodeRecord(stateDir)).toEqual({ nodeId, nodeName: 'worker1', servers: [gateway.address] });
    expect(gateway.enrolments).toMatchObject([{ name: 'worker1', secret: 'a-secret' }]);
    expect(gateway.enrolments[0]?.csrPem).not.toContain('PRIVATE');
  });

  it('says so when the node is enrolled already, and asks nobody', async () => {
    const first = await run();
    const second = await run();
    expect(second).toEqual({ ...first, already: true });
    expect(gateway.enrolments).toHaveLength(1);
  });

  it('is repeated by force, with a new key', async () => {
    const first = await run();
    const second = await run({ force: true });
    expect(second.identity.generation).toBe(2);
    expect(second.identity.keyPem).not.toBe(first.identity.keyPem);
    expect((await new IdentityStore(stateDir).current())?.serial).toBe(second.identity.serial);
  });

  it('goes on to the next server when one does not answer', async () => {
    await run({ token: token([await closedPort(), gateway.address]) });
    expect(gateway.enrolments).toHaveLength(1);
  });

  it("uses the servers it is given instead of the token's", async () => {
    await run({ token: token([await closedPort()]), servers: [gateway.address] });
    expect(gateway.enrolments).toHaveLength(1);
  });
});

describe('an authority that the token does not name', () => {
  it('is told nothing at all', async () => {
    const caFingerprint = 'ab'.repeat(32);
    await expect(run({ token: { ...token(), caFingerprint } })).rejects.toMatchObject({ code: 'untrusted', exitStatus: 4 });
    expect([gateway.httpBytes, gateway.enrolments.length]).toEqual([0, 0]);
    expect(readdirSync(stateDir)).toEqual([]);
  });

  it('is not let in by showing the right root without a key for it', async () => {
    const stranger = await makeFakeAuthority();
    // The stranger's own chain, with the root of the token at its end.
    const serverChainPem = stranger.serverChainPem.replace(stranger.authority.rootPem, authority.authority.rootPem);
    const impostor = await FakeGateway.start({ ...stranger, serverChainPem });
    try {
      await expect(run({ token: token([impostor.address]) })).rejects.toThrow();
      expect([impostor.httpBytes, impostor.enrolments.length]).toEqual([0, 0]);
    } finally {
      await impostor.stop();
    }
  });
});

describe('a server that does not go along', () => {
  it('is quoted when it refuses, and a later token works with the same key', async () => {
    gateway.behaviour.enrol = 'token-used';
    await expect(run()).rejects.toMatchObject({
      code: 'refused',
      exitStatus: 3,
      message: expect.stringContaining('This join token was used already (token-used)'),
    });
    gateway.behaviour.enrol = 'answer';
    await run({ token: { ...token(), secret: 'another' } });
    expect(gateway.enrolments[1]?.csrPem).toBe(gateway.enrolments[0]?.csrPem);
  });

  it('gets the same request again after a lost answer', async () => {
    gateway.behaviour.enrol = 'lose-first-answer';
    await expect(run()).rejects.toMatchObject({ code: 'unreachable', exitStatus: 5 });
    await run();
    expect(gateway.enrolments).toHaveLength(2);
    expect(gateway.enrolments[1]).toEqual(gateway.enrolments[0]);
  });

  it('does not get the key of another name', async () => {
    gateway.behaviour.enrol = 'lose-first-answer';
    await expect(run()).rejects.toThrow();
    await run({ token: { ...token(), name: 'worker2' } });
    expect(gateway.enrolments[1]?.csrPem).not.toBe(gateway.enrolments[0]?.csrPem);
  });

  it('leaves no identity by an answer that makes no sense', async () => {
    gateway.behaviour.enrol = 'garbage';
    await expect(run()).rejects.toThrow(/does not understand/u);
    expect(await new IdentityStore(stateDir).current()).toBeUndefined();
  });

  it('is reported when it does not answer at all', async () => {
    const nowhere = await closedPort();
    await expect(run({ token: token([nowhere]) })).rejects.toThrow(new RegExp(`No server answers. ${nowhere} does not answer`, 'u'));
    await expect(run({ servers: ['nonsense'] })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('a crash', () => {
  it('at any write leaves a node that the same command enrols', async () => {
    let at = 1;
    for (let crashed = true; crashed; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const folder = join(stateDir, `${at}-${when}`);
        const crash = crashingFiles(at, when);
        await run({ stateDir: folder, files: crash.files }).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
        crashed = crash.crashed();
        const requests = gateway.enrolments.length;
        const { identity } = await run({ stateDir: folder });
        expect(await new IdentityStore(folder).current()).toEqual(identity);
        expect(await readNodeRecord(folder)).toMatchObject({ nodeId });
        // The key that the server may already have certified is the one that is used.
        const [before, after] = gateway.enrolments.slice(requests - 1);
        if (crashed && at > 4 && after !== undefined) expect(after.csrPem).toBe(before?.csrPem);
      }
    }
    expect(at).toBeGreaterThan(8);
  });

  it('at any write of a forced enrolment leaves the old identity or the new one', async () => {
    let at = 1;
    for (let crashed = true; crashed; at += 1) {
      const folder = join(stateDir, `${at}`);
      const before = await run({ stateDir: folder });
      const crash = crashingFiles(at, 'after');
      const again = await run({ stateDir: folder, force: true, files: crash.files }).catch(() => undefined);
      crashed = crash.crashed();
      const current = await new IdentityStore(folder).current();
      expect(current).toBeDefined();
      if (crashed && again === undefined && current?.generation === 1) expect(current).toEqual(before.identity);
    }
    expect(at).toBeGreaterThan(8);
  });
});
