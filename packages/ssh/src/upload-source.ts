import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const CHUNK_BYTES = 256 * 1024;
const DIGEST_CHUNK_BYTES = 1024 * 1024;

/** Something to upload, with its digest. One source serves any number of hosts; its digest is computed once. */
export interface UploadSource {
  readonly sizeBytes: number;
  /** SHA-256, lower-case hexadecimal. */
  readonly sha256: string;
  /** Reads it from the start, or from a byte further on. */
  open(fromByte?: number): AsyncIterable<Uint8Array>;
}

/** A source from memory. */
export function bufferSource(content: Uint8Array): UploadSource {
  return {
    sizeBytes: content.byteLength,
    sha256: createHash('sha256').update(content).digest('hex'),
    open: (fromByte = 0) => slices(content.subarray(fromByte)),
  };
}

/**
 * A source from a local file; reads it once for its digest. Rejects with the system's error when it cannot be read. A file
 * that changes afterwards is noticed on the host: the digest no longer fits.
 */
export async function fileSource(path: string): Promise<UploadSource> {
  await using file = await open(path);
  const { size } = await file.stat();
  const hash = createHash('sha256');
  // One piece of memory for all of it: a new one for each would keep the garbage collector busy.
  const buffer = Buffer.allocUnsafeSlow(DIGEST_CHUNK_BYTES);
  for (let read = await file.read(buffer); read.bytesRead > 0; read = await file.read(buffer)) {
    hash.update(buffer.subarray(0, read.bytesRead));
  }
  return sourceOfFile(path, { sizeBytes: size, sha256: hash.digest('hex') });
}

/** A source from a local file whose size and digest are known already. */
export function sourceOfFile(path: string, known: Pick<UploadSource, 'sizeBytes' | 'sha256'>): UploadSource {
  return { ...known, open: (fromByte = 0) => readFileChunks(path, fromByte) };
}

function readFileChunks(path: string, start = 0): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: CHUNK_BYTES, start });
}

async function* slices(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.byteLength; at += CHUNK_BYTES) {
    yield content.subarray(at, at + CHUNK_BYTES);
  }
}
