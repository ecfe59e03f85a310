import { join } from 'node:path';
import { CliError } from '../cli-error.ts';
import { download } from './download.ts';
import { fileHash } from './file-hash.ts';
import { asksFor, type Environment } from './locate.ts';
import type { ArtifactManifest, ListedArtifact } from './manifest.ts';

/** What became of one artifact. */
export type ArtifactOutcome = {
  readonly name: string;
  readonly status: 'pulled' | 'loaded' | 'kept' | 'failed';
  readonly sizeBytes: number;
  /** Bytes that came over the network. */
  readonly receivedBytes: number;
  /** Why it failed; empty otherwise. */
  readonly why: string;
};

/** How artifacts are pulled. */
export type PullOptions = {
  readonly folder: string;
  readonly environment: Environment;
  /** How many at the same time. */
  readonly atOnce: number;
  readonly signal: AbortSignal;
  /** Told when one begins to be downloaded. */
  readonly started?: (artifact: ListedArtifact) => void;
  /** See `Download`; for tests. */
  readonly pauseMs?: number;
};

/**
 * Makes a folder hold what a manifest lists. What is there and right is kept; what was cut off goes on. One that cannot be had does not stop
 * the others: it is told in its outcome. Outcomes are in the order of the manifest. @throws the reason of an interruption
 */
export async function pull({ artifacts }: ArtifactManifest, options: PullOptions): Promise<ArtifactOutcome[]> {
  const outcomes: ArtifactOutcome[] = [];
  const waiting = [...artifacts.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, artifact] = next;
      outcomes[index] = await pullOne(artifact, options);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  return outcomes;
}

async function pullOne(artifact: ListedArtifact, options: PullOptions): Promise<ArtifactOutcome> {
  const { name, url, sha256 } = artifact;
  const target = join(options.folder, name);
  const known = await fileHash(target);
  if (known?.sha256 === sha256) return { name, status: 'kept', sizeBytes: known.sizeBytes, receivedBytes: 0, why: '' };
  try {
    if (url === undefined) throw new CliError(`${name} has no url in the manifest, and is not in ${options.folder}.`);
    const { environment, signal } = options;
    options.started?.(artifact);
    const pauseMs = options.pauseMs === undefined ? {} : { pauseMs: options.pauseMs };
    const receivedBytes = await download({ name, url, sha256, target, asks: asksFor(url, environment), signal, ...pauseMs });
    return { name, status: 'pulled', sizeBytes: (await fileHash(target))?.sizeBytes ?? 0, receivedBytes, why: '' };
  } catch (error) {
    options.signal.throwIfAborted();
    return { name, status: 'failed', sizeBytes: 0, receivedBytes: 0, why: error instanceof Error ? error.message : String(error) };
  }
}
