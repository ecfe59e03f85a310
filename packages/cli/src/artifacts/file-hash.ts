import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of a regular file, and its size; undefined where there is none. A link is none: it could lead anywhere. */
export async function fileHash(path: string): Promise<{ readonly sha256: string; readonly sizeBytes: number } | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat?.isFile() !== true) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { sha256: hash.digest('hex'), sizeBytes: stat.size };
}
