import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { contentOf, tar, type Entry } from './tar.ts';

/** A written archive. */
export type Release = { readonly file: string; readonly sha256: string; readonly isFresh: boolean };

/**
 * Writes the entries as `file` (.tar.gz) with its checksum beside it in `file`.sha256, as sha256sum(1) reads it. An archive
 * that was made of the same entries is kept: nothing is compressed again.
 */
export async function writeRelease(file: string, entries: readonly Entry[]): Promise<Release> {
  const inputs = await fingerprint(entries);
  const known = await readMade(file);
  if (known?.inputs === inputs) return { file, sha256: known.sha256, isFresh: false };
  await mkdir(dirname(file), { recursive: true });
  const hash = createHash('sha256');
  // Two builds at once must not write into one file: each has its own, and the last to finish wins.
  const partial = `${file}.${process.pid}.partial`;
  await pipeline(
    Readable.from(tar(entries)),
    // Nine tenths of an archive is the Node binary, on which higher levels spend much time for little.
    createGzip({ level: 1 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(partial),
  );
  const sha256 = hash.digest('hex');
  await rename(partial, file);
  await writeFile(`${file}.sha256`, `${sha256}  ${file.slice(file.lastIndexOf('/') + 1)}\n`);
  await writeFile(madeFile(file), JSON.stringify({ inputs, sha256 }));
  return { file, sha256, isFresh: true };
}

const madeFile = (file: string): string => `${file}.made.json`;

/** Of what the archive was made, and what came out; undefined when there is none, or not all of it. */
async function readMade(file: string): Promise<{ inputs: string; sha256: string } | undefined> {
  try {
    const made = JSON.parse(await readFile(madeFile(file), 'utf8')) as { inputs: string; sha256: string };
    const sha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    return sha256 === made.sha256 ? made : undefined;
  } catch {
    return undefined;
  }
}

async function fingerprint(entries: readonly Entry[]): Promise<string> {
  const hash = createHash('sha256');
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const [kind, content] = 'link' in entry ? ['link', entry.link] : [String(entry.mode), await contentOf(entry)];
    hash.update(`${entry.path}\0${kind}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
