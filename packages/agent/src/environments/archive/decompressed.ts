import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, type Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { EnvironmentError } from '../environment-error.ts';

type Compression = 'gzip' | 'zstd' | 'xz' | 'bzip2' | 'none';

const magics: readonly (readonly [Compression, string])[] = [
  ['gzip', '1f8b'],
  ['zstd', '28b52ffd'],
  ['xz', 'fd377a585a00'],
  ['bzip2', '425a68'],
];

/** By its first bytes: the name of a file proves nothing. */
async function compressionOf(path: string): Promise<Compression> {
  const handle = await open(path, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(6), 0, 6, 0);
    const start = buffer.toString('hex');
    return magics.find(([, magic]) => start.startsWith(magic))?.[0] ?? 'none';
  } finally {
    await handle.close();
  }
}

/** The bytes of a file, decompressed as it says itself. Errors of the decompression come out of the stream. */
export async function decompressed(path: string): Promise<AsyncIterable<Buffer>> {
  const compression = await compressionOf(path);
  const file = createReadStream(path, { highWaterMark: 1_048_576 });
  if (compression === 'none') return file;
  if (compression === 'gzip') return readable(file, createGunzip());
  if (compression === 'zstd') return readable(file, createZstdDecompress());
  return throughProgram(file, compression);
}

async function* readable(file: Readable, decoder: Transform): AsyncGenerator<Buffer> {
  file.once('error', (error) => decoder.destroy(error));
  try {
    yield* file.pipe(decoder) as AsyncIterable<Buffer>;
  } catch (error) {
    throw damaged(error);
  } finally {
    file.destroy();
    decoder.destroy();
  }
}

/** What Node cannot read itself: the host's own program does it, where there is one. */
function throughProgram(file: Readable, program: 'xz' | 'bzip2'): AsyncIterable<Buffer> {
  const out = new PassThrough();
  const child = spawn(program, ['--decompress', '--stdout'], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.once('error', (cause) => {
    const message = `The archive is compressed with ${program}, and there is no program of that name on the node: install it, or compress with gzip or zstd.`;
    out.destroy(new EnvironmentError('definition', message, { cause }));
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code ?? 'a signal'}`))));
  });
  out.once('close', () => child.kill('SIGKILL'));
  // What the program does not want any more, because it has failed, is told by how it ended.
  pipeline(file, child.stdin).catch(() => undefined);
  child.stdout.pipe(out, { end: false });
  ended.then(
    () => out.end(),
    (error: unknown) => out.destroy(damaged(error)),
  );
  return out;
}

const damaged = (cause: unknown): EnvironmentError =>
  new EnvironmentError('definition', `The archive cannot be decompressed: ${cause instanceof Error ? cause.message : String(cause)}.`, {
    cause,
  });
