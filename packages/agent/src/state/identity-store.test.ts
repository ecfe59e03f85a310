import { readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKeyAndCsr } from '@muster/trust';
import { beforeAll, describe, expect, it } from 'vitest';
import { addIdentity, enrolledNode, nodeName } from '../../test/enrolled-node.ts';
import { makeFakeAuthority, type FakeAuthority } from '../../test/fake-authority.ts';
import { nodeId } from '../../test/fake-gateway.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { IdentityStore } from './identity-store.ts';

let authority: FakeAuthority;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});

const generations = (stateDir: string): string[] => readdirSync(join(stateDir, 'identity')).sort();

describe('identities on disk', () => {
  it('are none in an empty folder', async () => {
    const store = new IdentityStore(temporaryFolder());
    expect([await store.current(), await store.all(), await store.pending()]).toEqual([undefined, [], undefined]);
    await store.prune();
  });

  it('grow from a key to a certificate to the one in use', async () => {
    const stateDir = temporaryFolder();
    const store = new IdentityStore(stateDir);
    const made = await makeKeyAndCsr({ nodeName });
    const pending = await store.begin(nodeName, made);
    expect(await store.pending()).toEqual({ generation: 1, nodeName, ...made, isComplete: false });
    expect(await store.current()).toBeUndefined();

    const chainPem = await authority.signNode({ csrPem: pending.csrPem, nodeId, nodeName });
    const identity = await store.complete(1, chainPem, authority.authority.rootPem);
    expect(identity).toMatchObject({ generation: 1, nodeId, keyPem: made.keyPem, chainPem });
    expect(await store.pending()).toMatchObject({ isComplete: true });
    expect(await store.current()).toBeUndefined();

    await store.activate(1);
    expect(await store.current()).toEqual(identity);
    expect(await store.pending()).toBeUndefined();
    expect(readlinkSync(join(stateDir, 'identity/current'))).toBe('gen-1');
    expect(readFileSync(join(stateDir, 'identity/current/key.pem'), 'utf8')).toBe(made.keyPem);
  });

  it('are kept two generations long', async () => {
    const { stateDir } = await enrolledNode(authority, []);
    for (let count = 0; count < 3; count += 1) await addIdentity(authority, stateDir);
    const store = new IdentityStore(stateDir);
    expect(generations(stateDir)).toHaveLength(5);
    await store.prune();
    expect(generations(stateDir)).toEqual(['current', 'gen-3', 'gen-4']);
    expect((await store.all()).map((one) => one.generation)).toEqual([4, 3]);
  });

  it('never take the number of one that was there', async () => {
    const { stateDir } = await enrolledNode(authority, []);
    writeFileSync(join(stateDir, 'identity', 'gen-x'), '');
    await addIdentity(authority, stateDir);
    rmSync(join(stateDir, 'identity/gen-1'), { recursive: true });
    expect((await addIdentity(authority, stateDir)).generation).toBe(3);
  });
});

describe('damage', () => {
  it.each(['key.pem', 'chain.pem', 'root.pem'])('to %s makes a generation unusable, and the others stay', async (file) => {
    const { stateDir } = await enrolledNode(authority, []);
    await addIdentity(authority, stateDir);
    truncateSync(join(stateDir, 'identity/gen-2', file), 20);
    const store = new IdentityStore(stateDir);
    expect(await store.current()).toBeUndefined();
    expect((await store.all()).map((one) => one.generation)).toEqual([1]);
  });

  it('to a request makes it no request', async () => {
    const stateDir = temporaryFolder();
    const store = new IdentityStore(stateDir);
    await store.begin(nodeName, { keyPem: 'k', csrPem: 'c' });
    for (const text of ['', '{}', '7', '{"nodeName":1,"csrPem":"x"}']) {
      writeFileSync(join(stateDir, 'identity/gen-1/request.json'), text);
      expect(await store.pending()).toBeUndefined();
    }
  });

  it('by mixing generations is noticed', async () => {
    const { stateDir, identity } = await enrolledNode(authority, []);
    await addIdentity(authority, stateDir);
    writeFileSync(join(stateDir, 'identity/gen-2/chain.pem'), identity.chainPem);
    expect((await new IdentityStore(stateDir).all()).map((one) => one.generation)).toEqual([1]);
  });
});
