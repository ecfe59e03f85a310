import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { EnvironmentError } from '../environment-error.ts';
import { decompressed } from './decompressed.ts';

const content = Buffer.from('content '.repeat(100_000));

const read = async (path: string): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of await decompressed(path)) parts.push(part);
  return Buffer.concat(parts);
};

function fileOf(bytes: Buffer): string {
  const path = join(temporaryFolder(), 'archive.bin');
  writeFileSync(path, bytes);
  return path;
}

describe('a compressed file', () => {
  it.each<[string, () => Buffer]>([
    ['nothing', () => content],
    ['gzip', () => gzipSync(content)],
    [
      'gzip in several members, as pigz and bgzip write it',
      () => Buffer.concat([gzipSync(content.subarray(0, 1000)), gzipSync(content.subarray(1000))]),
    ],
    ['zstd', () => zstdCompressSync(content)],
    ['xz', () => execFileSync('xz', ['--stdout', '-0'], { input: content })],
    ['bzip2', () => execFileSync('bzip2', ['--stdout'], { input: content })],
  ])('is told by its first bytes, not by its name: %s', async (_what, bytes) => {
    expect((await read(fileOf(bytes()))).equals(content)).toBe(true);
  });

  it.each<[string, () => Buffer]>([
    ['gzip', () => gzipSync(content)],
    ['zstd', () => zstdCompressSync(content)],
    ['xz', () => execFileSync('xz', ['--stdout', '-0'], { input: content })],
  ])('that is cut off is damaged, and said to be: %s', async (_what, bytes) => {
    const whole = bytes();
    await expect(read(fileOf(whole.subarray(0, whole.length - 20)))).rejects.toThrow(/cannot be decompressed/u);
  });

  it('names the program that is missing', async () => {
    vi.stubEnv('PATH', temporaryFolder());
    const file = fileOf(Buffer.from('fd377a585a000000', 'hex'));
    await expect(read(file)).rejects.toThrow(/no program of that name on the node: install it/u);
    await expect(read(file)).rejects.toBeInstanceOf(EnvironmentError);
  });

  it('may be read in part only', async () => {
    for await (const part of await decompressed(fileOf(gzipSync(content)))) {
      expect(part.length).toBeGreaterThan(0);
      break;
    }
  });
});
