import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { artifactOf, FakeArtifactServer } from '../../../test/artifact-server.ts';
import { enrolledNode } from '../../../test/enrolled-node.ts';
import { type FakeAuthority, makeFakeAuthority } from '../../../test/fake-authority.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { environmentPaths } from '../disk/environment-paths.ts';
import { EnvironmentError } from '../environment-error.ts';
import { fetchArtifact, type FetchParts } from './fetch-artifact.ts';

const artifact = artifactOf('big.tar.gz', randomBytes(500_000));
let authority: FakeAuthority;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});

async function fixture(count = 1) {
  const servers = await Promise.all(Array.from({ length: count }, () => FakeArtifactServer.start(authority, [artifact])));
  const { identity } = await enrolledNode(authority, []);
  const waits: number[] = [];
  const paths = environmentPaths(temporaryFolder());
  const parts: FetchParts = {
    paths,
    servers: servers.map(({ address }) => address),
    identity: () => Promise.resolve(identity),
    signal: new AbortController().signal,
    now: () => new Date(),
    wait: (ms) => Promise.resolve(void waits.push(ms)),
    random: () => 0.5,
  };
  const [first, second] = servers;
  if (first === undefined) throw new Error('no server');
  return { first, second: second ?? first, parts, paths, waits };
}

const partialOf = (cache: string): string => join(cache, `${artifact.sha256}.partial`);

describe('an artifact', () => {
  it('comes whole and is fetched once, whoever asks for it again', async () => {
    const { first, parts, paths } = await fixture();
    const file = await fetchArtifact(artifact, parts);
    expect(readFileSync(file).equals(artifact.content)).toBe(true);
    expect(await fetchArtifact(artifact, parts)).toBe(file);
    expect(first.requests).toHaveLength(1);
    expect(readdirSync(paths.cache)).toEqual([artifact.sha256]);
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  it('that was cut off goes on where it was: no byte comes twice', async () => {
    const { first, parts } = await fixture();
    first.behaviour.cutAfter = 120_000;
    await fetchArtifact(artifact, parts);
    expect(first.requests.length).toBeGreaterThan(4);
    expect(first.requests[1]?.range).toMatch(/^bytes=\d+-$/u);
    // What was on its way when the connection broke may come again: less than one piece.
    expect(first.sentBytes).toBeLessThan(artifact.sizeBytes + first.requests.length * 70_000);
  });

  it('goes on after the process that fetched it has died', async () => {
    const { first, parts, paths } = await fixture();
    mkdirSync(paths.cache, { recursive: true });
    writeFileSync(partialOf(paths.cache), artifact.content.subarray(0, 400_000));
    await fetchArtifact(artifact, parts);
    expect(first.requests).toEqual([{ sha256: artifact.sha256, range: 'bytes=400000-' }]);
    expect(first.sentBytes).toBe(100_000);
  });

  it('is gone on with at the next server when the first one dies in the middle', async () => {
    const { first, second, parts } = await fixture(2);
    first.behaviour.cutAfter = 200_000;
    first.behaviour.onRequest = () => setTimeout(() => void first.stop(), 10);
    const file = await fetchArtifact(artifact, parts);
    expect(readFileSync(file).equals(artifact.content)).toBe(true);
    expect(second.requests[0]?.range).toMatch(/^bytes=[1-9]/u);
    expect(first.sentBytes + second.sentBytes).toBeLessThan(artifact.sizeBytes + 210_000);
  });

  it.each([404, 403, 500, 302])('is asked of the next server when one answers with %d', async (status) => {
    const { first, second, parts } = await fixture(2);
    first.behaviour.status = status;
    await fetchArtifact(artifact, parts);
    expect(second.sentBytes).toBe(artifact.sizeBytes);
  });

  it('is waited for while every server is busy', async () => {
    const { first, parts, waits } = await fixture();
    first.behaviour.status = 429;
    first.behaviour.onRequest = () => {
      if (first.requests.length >= 20) delete first.behaviour.status;
    };
    await fetchArtifact(artifact, parts);
    expect(waits.length).toBe(19);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(2500);
  });

  it('with a wrong hash is deleted, told, and never used', async () => {
    const { first, parts, paths } = await fixture();
    first.behaviour.damaged = true;
    const refusal: unknown = await fetchArtifact(artifact, parts).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(EnvironmentError);
    expect(refusal).toMatchObject({
      fault: 'passing',
      message: expect.stringMatching(/big\.tar\.gz .* does not have this hash and was deleted/u),
    });
    expect(readdirSync(paths.cache)).toEqual([]);
    expect(first.requests).toHaveLength(1);
  });

  it('with a wrong hash from one server is taken from another', async () => {
    const { first, parts } = await fixture(2);
    first.behaviour.damaged = true;
    expect(readFileSync(await fetchArtifact(artifact, parts)).equals(artifact.content)).toBe(true);
  });

  it('whose kept half was damaged begins anew', async () => {
    const { parts, paths } = await fixture();
    mkdirSync(paths.cache, { recursive: true });
    writeFileSync(partialOf(paths.cache), Buffer.alloc(300_000, '?'));
    expect(readFileSync(await fetchArtifact(artifact, parts)).equals(artifact.content)).toBe(true);
  });

  it.each([
    ['too long a half', artifact.sizeBytes + 1],
    ['a whole of other bytes', artifact.sizeBytes],
  ])('is fetched although there is %s', async (_what, length) => {
    const { parts, paths } = await fixture();
    mkdirSync(paths.cache, { recursive: true });
    for (const file of [partialOf(paths.cache), join(paths.cache, artifact.sha256)]) writeFileSync(file, Buffer.alloc(length, '?'));
    expect(readFileSync(await fetchArtifact(artifact, parts)).equals(artifact.content)).toBe(true);
  });

  it('of another length than was told is not taken', async () => {
    const { first, parts } = await fixture();
    const other = { ...artifact, sizeBytes: artifact.sizeBytes - 1 };
    await expect(fetchArtifact(other, parts)).rejects.toThrow(/another length/u);
    expect(first.sentBytes).toBeLessThanOrEqual(artifact.sizeBytes * 5);
  });

  it('is given up when no server has it, with what the last one said, and what came is kept', async () => {
    const { first, parts, paths, waits } = await fixture();
    mkdirSync(paths.cache, { recursive: true });
    writeFileSync(partialOf(paths.cache), artifact.content.subarray(0, 1000));
    await first.stop();
    await expect(fetchArtifact(artifact, parts)).rejects.toThrow(/could not be fetched: 127\.0\.0\.1:\d+: .*ECONNREFUSED/u);
    expect(waits).toHaveLength(3);
    expect(existsSync(partialOf(paths.cache))).toBe(true);
  });

  it('is not fetched any more once that is cancelled', async () => {
    const { parts } = await fixture();
    await expect(fetchArtifact(artifact, { ...parts, signal: AbortSignal.abort() })).rejects.toThrow(/cancelled/u);
  });
});
