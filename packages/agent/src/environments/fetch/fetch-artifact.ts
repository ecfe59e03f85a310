import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactReference } from '@muster/api/agent';
import { makeFolder } from '../disk/durable.ts';
import type { EnvironmentPaths } from '../disk/environment-paths.ts';
import { touch } from '../disk/sweep.ts';
import { EnvironmentError } from '../environment-error.ts';
import { download, type FetchIdentity, sizeOf } from './download.ts';

export type FetchParts = {
  readonly paths: EnvironmentPaths;
  readonly servers: readonly string[];
  /** Asked anew for each attempt: the certificate may be renewed while a large file comes. */
  readonly identity: () => Promise<FetchIdentity>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Resolves after so long, or at once when the work is cancelled. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** At least 0, less than 1. */
  readonly random: () => number;
};

/** Rounds over all servers in which nothing more came, before the fetch is given up; the next one goes on where this one ended. */
const maxIdleRounds = 4;
const maxBusyRounds = 120;
const busyWaitMs = 5000;

/**
 * Brings an artifact into the cache and gives its path. What is there already is not fetched again, what is there in part is gone on with,
 * by turns from every server. Its hash is compared before anything else may use it. @throws EnvironmentError
 */
export async function fetchArtifact(artifact: ArtifactReference, parts: FetchParts): Promise<string> {
  const { cache } = parts.paths;
  const file = join(cache, artifact.sha256);
  await makeFolder(cache);
  if ((await sizeOf(file)) === artifact.sizeBytes && (await hashOf(file)) === artifact.sha256) {
    await touch(file, parts.now());
    return file;
  }
  const partial = `${file}.partial`;
  await rm(file, { force: true });
  if ((await sizeOf(partial)) > artifact.sizeBytes) await rm(partial, { force: true });
  await fetchFrom(artifact, partial, parts);
  await rename(partial, file);
  return file;
}

/** What was heard of the servers so far: the last reason, and which of them have a wrong file. */
type Heard = { last: string; readonly wrong: string[] };

/** What one round over the servers came to. */
type Round = { readonly isDone: boolean; readonly moved: boolean; readonly busy: boolean };

/** Goes round the servers until the file is whole and right. */
async function fetchFrom(artifact: ArtifactReference, partial: string, parts: FetchParts): Promise<void> {
  const heard: Heard = { last: 'no server is known', wrong: [] };
  for (let round = 0, idle = 0; idle < maxIdleRounds && round < maxBusyRounds; round += 1) {
    const { isDone, moved, busy } = await askEach(artifact, partial, parts, heard);
    if (isDone) return;
    if (heard.wrong.length >= parts.servers.length) break;
    idle = moved || busy ? 0 : idle + 1;
    if (idle < maxIdleRounds) await parts.wait((busy ? busyWaitMs : 1000 * 2 ** idle) * (0.5 + parts.random()));
  }
  throw new EnvironmentError('passing', failure(artifact, heard.last, heard.wrong));
}

/** Asks each server once that may still have the right file. */
async function askEach(artifact: ArtifactReference, partial: string, parts: FetchParts, heard: Heard): Promise<Round> {
  let [moved, busy] = [false, false];
  for (const server of parts.servers.filter((one) => !heard.wrong.includes(one))) {
    if (parts.signal.aborted) throw new EnvironmentError('passing', 'The fetch was cancelled; it goes on from where it was.');
    const before = await sizeOf(partial);
    const end = await download(server, artifact, partial, await parts.identity());
    moved ||= (await sizeOf(partial)) > before;
    if (end.kind === 'whole') {
      if (await isRight(partial, artifact)) return { isDone: true, moved, busy };
      // Where a part came from elsewhere, nobody knows whose bytes were wrong: the next try begins anew.
      if (before === 0) heard.wrong.push(server);
      heard.last = `${server} gave a file with another hash`;
      moved = true;
      continue;
    }
    heard.last = end.reason;
    busy ||= end.kind === 'busy';
  }
  return { isDone: false, moved, busy };
}

function failure({ name, sha256 }: ArtifactReference, last: string, wrong: readonly string[]): string {
  const what = `${name} (sha256 ${sha256.slice(0, 12)}...) could not be fetched`;
  if (wrong.length === 0) return `${what}: ${last}.`;
  return `${what}: what came from ${wrong.join(', ')} does not have this hash and was deleted. Upload the file again: muster artifact add FILE.`;
}

/** Compares the hash; a wrong file is deleted at once, so that nothing is ever added to it. */
async function isRight(file: string, { sha256 }: ArtifactReference): Promise<boolean> {
  if ((await hashOf(file)) === sha256) return true;
  await rm(file, { force: true });
  return false;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1_048_576 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
