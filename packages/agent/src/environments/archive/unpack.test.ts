import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTar, type TarEntry } from '@muster/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { EnvironmentError } from '../environment-error.ts';
import { unpackTar } from './unpack.ts';

const limits = { maxBytes: 1_000_000, maxEntries: 1000 };

async function* chunksOf(bytes: Buffer, size = 777): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A folder to unpack to, beside one that nothing may touch. */
function place(): { root: string; outside: string } {
  const folder = temporaryFolder();
  const [root, outside] = [join(folder, 'root'), join(folder, 'outside')];
  mkdirSync(root);
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), 'secret');
  return { root, outside };
}

const unpack = (entries: readonly TarEntry[], root: string, given = limits) => unpackTar(chunksOf(makeTar(entries)), root, given);

describe('an archive', () => {
  it('is unpacked as it is: files, folders, links, and the bit that makes a program', async () => {
    const { root } = place();
    const entries: TarEntry[] = [
      { path: './', type: '5' },
      { path: 'bin/', type: '5', mode: 0o700 },
      { path: 'bin/run', content: '#!/bin/sh\n', mode: 0o775 },
      { path: 'lib/deep/er/data.txt', content: 'x'.repeat(5000) },
      { path: 'lib/data', type: '2', link: 'deep/er/data.txt' },
      { path: 'bin/up', type: '2', link: '../lib/./data' },
      { path: 'same', type: '1', link: 'lib/deep/er/data.txt' },
      { path: `${'long/'.repeat(40)}name`, content: 'long' },
    ];
    expect(await unpack(entries, root)).toEqual({ bytes: 5014, entries: 8 });
    expect(readFileSync(join(root, 'bin/up'), 'utf8')).toHaveLength(5000);
    expect(statSync(join(root, 'same')).ino).toBe(statSync(join(root, 'lib/data')).ino);
    expect(lstatSync(join(root, 'bin/run')).mode & 0o7777).toBe(0o755);
    expect(lstatSync(join(root, 'bin')).mode & 0o7777).toBe(0o755);
    expect(readFileSync(join(root, `${'long/'.repeat(40)}name`), 'utf8')).toBe('long');
  });

  it('gives nobody rights: set-user-ID, set-group-ID and write permission for others are left out', async () => {
    const { root } = place();
    await unpack(
      [
        { path: 'su', content: 'x', mode: 0o6777 },
        { path: 'data', content: 'x', mode: 0o666 },
      ],
      root,
    );
    expect(lstatSync(join(root, 'su')).mode & 0o7777).toBe(0o755);
    expect(lstatSync(join(root, 'data')).mode & 0o7777).toBe(0o644);
  });

  it('is read as real programs write it, whatever the format and the pieces', async () => {
    const from = place().root;
    mkdirSync(join(from, 'sub'));
    const long = 'n'.repeat(90);
    writeFileSync(join(from, 'sub', long), 'content');
    writeFileSync(join(from, 'ünïcode'), 'ü');
    mkdirSync(join(from, 'sub', long.slice(1)));
    symlinkSync(`sub/${long}`, join(from, 'link'));
    writeFileSync(join(from, 'sub', long.slice(1), long), 'deep');
    for (const format of ['gnu', 'pax', 'ustar']) {
      const { root } = place();
      const bytes = execFileSync('tar', ['--create', `--format=${format}`, '--directory', from, '.']);
      for (const size of [1, 511, 512, 70_000]) {
        const to = join(root, String(size));
        mkdirSync(to);
        await unpackTar(chunksOf(bytes, size), to, limits);
        expect(readFileSync(join(to, 'link'), 'utf8')).toBe('content');
        expect(readFileSync(join(to, 'ünïcode'), 'utf8')).toBe('ü');
      }
    }
  });

  it('may have a name twice: the later one counts', async () => {
    const { root, outside } = place();
    await unpack(
      [
        { path: 'a', type: '2', link: 'b' },
        { path: 'a', content: 'first' },
        { path: 'a', content: 'second' },
      ],
      root,
    );
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('second');
    expect(readdirSync(outside)).toEqual(['secret']);
  });
});

describe('a hostile archive', () => {
  const long = 'x'.repeat(300);
  it.each<[string, TarEntry[], RegExp]>([
    ['goes up', [{ path: '../outside/evil', content: 'x' }], /leads out of it/u],
    ['goes up in the middle', [{ path: 'a/../../outside/evil', content: 'x' }], /leads out of it/u],
    ['is absolute', [{ path: '/etc/cron.d/evil', content: 'x' }], /absolute path/u],
    ['has a link to the outside', [{ path: 'a', type: '2', link: '../outside' }], /link that leads out of it/u],
    ['has a link to somewhere absolute', [{ path: 'a', type: '2', link: '/etc/passwd' }], /absolute path/u],
    [
      'writes through a link',
      [
        { path: 'd', type: '2', link: 'e' },
        { path: 'd/evil', content: 'x' },
      ],
      /through its own link/u,
    ],
    [
      'makes a folder through a link',
      [
        { path: 'd', type: '2', link: '.' },
        { path: 'd/', type: '5' },
      ],
      /through its own link/u,
    ],
    ['has a hard link to the outside', [{ path: 'a', type: '1', link: '../outside/secret' }], /leads out of it/u],
    ['has an absolute hard link', [{ path: 'a', type: '1', link: '/etc/shadow' }], /absolute path/u],
    [
      'has a hard link to a link',
      [
        { path: 'l', type: '2', link: 'x' },
        { path: 'a', type: '1', link: 'l' },
      ],
      /no file that came before/u,
    ],
    [
      'has a hard link through a link',
      [
        { path: 'l', type: '2', link: '.' },
        { path: 'f', content: 'x' },
        { path: 'a', type: '1', link: 'l/f' },
      ],
      /no file/u,
    ],
    ['has a hard link to what never came', [{ path: 'a', type: '1', link: 'b' }], /no file that came before/u],
    ['has a character device', [{ path: 'null', type: '3' }], /a character device/u],
    ['has a block device', [{ path: 'sda', type: '4' }], /a block device/u],
    ['has a named pipe', [{ path: 'pipe', type: '6' }], /a named pipe/u],
    ['has a sparse file', [{ path: 'sparse', type: 'S' }], /a sparse file/u],
    ['has a type nobody knows', [{ path: 'x', type: 'Z' }], /unknown type "Z"/u],
    [
      'has a folder where a file was',
      [
        { path: 'a', content: 'x' },
        { path: 'a/b', content: 'x' },
      ],
      /both as a folder/u,
    ],
    [
      'has a file where a folder was',
      [
        { path: 'a/b', content: 'x' },
        { path: 'a', content: 'x' },
      ],
      /both as a folder/u,
    ],
    ['has a name too long for a disk', [{ path: long, content: 'x' }], /too long/u],
    ['has a link to nothing', [{ path: 'a', type: '2', link: '' }], /without a target/u],
    ['has a size beyond all', [{ path: 'a', size: 0o77777777777 }], /more than 1000000 bytes/u],
    ['is cut off in a file', [{ path: 'a', size: 100_000 }], /ends in the middle/u],
    ['has a header too long', [{ path: 'x', type: 'x', size: 2_000_000 }], /extended header is too long/u],
    ['has a header of rubbish', [{ path: 'x', type: 'x', content: '999 path=a\n' }], /cannot be read/u],
    [
      'hides a sparse file',
      [
        { path: 'x', type: 'x', content: '22 GNU.sparse.major=1\n' },
        { path: 'a', content: 'x' },
      ],
      /a sparse file/u,
    ],
    [
      'goes up by an extended header',
      [
        { path: 'x', type: 'x', content: '17 path=../evil1\n' },
        { path: 'a', content: 'x' },
      ],
      /leads out of it/u,
    ],
  ])('that %s is refused, and nothing outside is touched', async (_what, entries, message) => {
    const { root, outside } = place();
    const refusal = await unpack(entries, root).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(EnvironmentError);
    expect(refusal).toMatchObject({ fault: 'definition', message: expect.stringMatching(message) });
    expect(readdirSync(outside)).toEqual(['secret']);
    expect(readdirSync(join(root, '..')).toSorted()).toEqual(['outside', 'root']);
  });

  it('cannot lead out through several links that are each inside', async () => {
    const { root } = place();
    // By the text alone `a/b/s/..` is `a/b`; through the link it would be the folder above everything.
    await unpack(
      [
        { path: 'a/b/c/f', content: 'x' },
        { path: 'a/b/s', type: '2', link: '../..' },
        { path: 'a/b/t', type: '2', link: 's/..' },
      ],
      root,
    );
    expect(readlinkSync(join(root, 'a/b/s'))).toBe('../..');
    expect(readlinkSync(join(root, 'a/b/t'))).toBe('.');
  });

  it('that is too large, or has too many files, is stopped before the disk is full', async () => {
    await expect(
      unpack(
        [
          { path: 'a', content: 'x'.repeat(600) },
          { path: 'b', content: 'x'.repeat(600) },
        ],
        place().root,
        { ...limits, maxBytes: 1000 },
      ),
    ).rejects.toThrow(/more than 1000 bytes/u);
    const many = Array.from({ length: 12 }, (_, index) => ({ path: `f${index}` }));
    await expect(unpack(many, place().root, { ...limits, maxEntries: 10 })).rejects.toThrow(/more than 10 files/u);
  });

  it('is an error of its own kind, and never a write outside, whatever its entries are', async () => {
    const name = fc.constantFrom('a', 'b', 'a/b', 'a/../..', '..', '/etc/x', 'l', 'l/x', './a', 'a//b', '');
    const entry = fc.record({
      path: name,
      type: fc.constantFrom('0', '5', '2', '1', '3', '6', 'x', 'L', 'K', 'g'),
      link: name,
      content: fc.constantFrom('', 'x', '12 path=a/b\n'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async (entries) => {
        const { root, outside } = place();
        const thrown: unknown = await unpack(entries, root).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(thrown === undefined || thrown instanceof EnvironmentError).toBe(true);
        expect(readdirSync(outside)).toEqual(['secret']);
        expect(readdirSync(join(root, '..')).toSorted()).toEqual(['outside', 'root']);
      }),
      { numRuns: 150 },
    );
  });

  it('of random bytes is one too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        await expect(unpackTar(chunksOf(Buffer.from(bytes)), place().root, limits).then(() => 'nothing in it')).rejects.toBeInstanceOf(
          EnvironmentError,
        );
      }),
      { numRuns: 50 },
    );
  });
});
