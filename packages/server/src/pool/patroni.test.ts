import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, openAuthority } from '@muster/trust';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakePatroni } from '../../test/fake-patroni.ts';
import { makeServerIdentity } from '../identity/server-identity.ts';
import { type PatroniPort, patroniOf, PatroniSilent } from './patroni.ts';

let folder: string;
let fake: FakePatroni;
let patroni: PatroniPort;
const times = { askMs: 300, changeMs: 500 };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-patroni-'));
  await writeFile(join(folder, 'password'), 'secret\n');
  fake = new FakePatroni(['m1', 'm2', 'm3']);
  const urls = [await fake.open('m1'), await fake.open('m2')];
  patroni = patroniOf({ urls, user: 'muster', passwordFile: join(folder, 'password') }, times);
});
afterEach(async () => {
  await fake.stop();
  await rm(folder, { recursive: true });
});

describe('Patroni', () => {
  it('says of each copy what it is, how far behind, and whether its own door answers', async () => {
    Object.assign(fake.member('m3'), { lag: 'unknown', state: 'starting' });
    Object.assign(fake.member('m2'), { lag: 17 });
    expect(await patroni.members()).toEqual([
      { name: 'm1', host: '10.0.0.1', role: 'leader', state: 'running', lagBytes: null, isThere: true },
      { name: 'm2', host: '10.0.0.2', role: 'synchronous', state: 'streaming', lagBytes: 17, isThere: true },
      { name: 'm3', host: '10.0.0.3', role: 'replica', state: 'starting', lagBytes: null, isThere: false },
    ]);
  });

  it('hands over and takes over, with the password that stands in the file now', async () => {
    expect(await patroni.switchOver('m1', 'm2')).toMatchObject({ outcome: 'done' });
    await writeFile(join(folder, 'password'), 'wrong');
    expect(await patroni.failOver('m1')).toEqual({ outcome: 'refused', said: 'Patroni does not take the password of this server' });
    await writeFile(join(folder, 'password'), 'secret');
    expect(await patroni.failOver('m3')).toMatchObject({ outcome: 'done' });
    expect(fake.asked).toEqual([
      'POST /switchover {"leader":"m1","candidate":"m2"}',
      'POST /failover {"candidate":"m1"}',
      'POST /failover {"candidate":"m3"}',
    ]);
  });

  it.each([
    ['hung', 'unknown'],
    ['unknown', 'unknown'],
    ['refuses', 'refused'],
    ['unavailable', 'refused'],
    ['other', 'refused'],
    ['wrong-password', 'refused'],
  ] as const)('that is %s makes the outcome %s', async (trouble, outcome) => {
    fake.trouble = trouble;
    expect(await patroni.failOver('m2')).toMatchObject({ outcome });
  });

  it.each(['hung', 'unavailable', 'nonsense'] as const)('that is %s does not say how the copies are', async (trouble) => {
    fake.trouble = trouble;
    await expect(patroni.members()).rejects.toThrow(PatroniSilent);
    await expect(patroni.synchronousCount()).rejects.toThrow(PatroniSilent);
  });

  it('is told for how many copies a write waits, by whichever door is open', async () => {
    await patroni.setSynchronousCount(2);
    expect([await patroni.synchronousCount(), fake.synchronousCount]).toEqual([2, 2]);
    fake.trouble = 'unavailable';
    await expect(patroni.setSynchronousCount(1)).rejects.toThrow(PatroniSilent);
  });

  it('is trusted by the certificates of the file alone, and nobody else gets the password', async () => {
    const makeOne = async () => openAuthority(await createAuthority({ name: 'Test', now: new Date() }));
    const [own, other] = [await makeOne(), await makeOne()];
    const { keyPem, chainPem } = await makeServerIdentity(own, ['127.0.0.1'], new Date());
    const url = await fake.open('m1', { key: keyPem, cert: chainPem });
    const withCa = async (name: string, pem: string) => {
      await writeFile(join(folder, name), pem);
      return patroniOf({ urls: [url], user: 'muster', passwordFile: join(folder, 'password'), caFile: join(folder, name) }, times);
    };
    expect(await (await withCa('own.pem', own.rootPem)).members()).toHaveLength(3);
    const stranger = await withCa('other.pem', other.rootPem);
    await expect(stranger.members()).rejects.toThrow(PatroniSilent);
    expect(await stranger.failOver('m2')).toMatchObject({ outcome: 'unknown', said: expect.stringContaining('certificate') as string });
    expect(fake.asked).toEqual([]);
  });
});
