import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeRelease } from './release.ts';
import { tar, type Entry } from './tar.ts';

const longPath = `lib/${'deep/'.repeat(22)}${'n'.repeat(60)}.txt`;
const entries: readonly Entry[] = [
  { path: 'lib/b.txt', mode: 0o644, content: Buffer.from('b'.repeat(700)) },
  { path: 'bin/a', mode: 0o755, content: Buffer.from('#!/bin/sh\n') },
  { path: 'lib/link.txt', link: 'b.txt' },
  { path: longPath, mode: 0o644, content: Buffer.from('long') },
  { path: 'empty', mode: 0o644, content: Buffer.alloc(0) },
];
const bytes = (list: readonly Entry[]): Promise<Buffer> => buffer(Readable.from(tar(list)));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-tar-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('makes an archive that tar(1) unpacks with the same content, modes and links', async () => {
  const { file } = await writeRelease(join(folder, 'a.tar.gz'), entries);
  execFileSync('tar', ['-xzf', file, '-C', folder]);
  expect(readFileSync(join(folder, 'lib/b.txt'), 'utf8')).toBe('b'.repeat(700));
  expect(readFileSync(join(folder, longPath), 'utf8')).toBe('long');
  expect(readlinkSync(join(folder, 'lib/link.txt'))).toBe('b.txt');
  expect(statSync(join(folder, 'empty')).size).toBe(0);
  expect(lstatSync(join(folder, 'bin/a')).mode & 0o777).toBe(0o755);
  expect(execFileSync('tar', ['-tvzf', file], { encoding: 'utf8' })).toMatch(/^-rwxr-xr-x root\/root +10 2024-01-01 .*bin\/a$/mu);
});

it('makes the same bytes of the same entries in any order', async () => {
  expect((await bytes(entries)).equals(await bytes(entries.toReversed()))).toBe(true);
});

it('refuses a path that the format cannot hold', async () => {
  const tooLong: Entry = { path: 'n'.repeat(101), mode: 0o644, content: Buffer.alloc(0) };
  await expect(bytes([tooLong])).rejects.toThrow(/does not fit/u);
});

it('writes the checksum beside the archive as sha256sum(1) checks it', async () => {
  await writeRelease(join(folder, 'a.tar.gz'), entries);
  expect(execFileSync('sha256sum', ['--check', 'a.tar.gz.sha256'], { cwd: folder, encoding: 'utf8' })).toBe('a.tar.gz: OK\n');
});

it('keeps an archive of the same entries, and makes anew one that changed or was damaged', async () => {
  const file = join(folder, 'a.tar.gz');
  expect((await writeRelease(file, entries)).isFresh).toBe(true);
  const kept = await writeRelease(file, entries);
  expect(kept.isFresh).toBe(false);
  const changed = await writeRelease(file, entries.slice(1));
  expect(changed.isFresh).toBe(true);
  expect(changed.sha256).not.toBe(kept.sha256);
  writeFileSync(file, 'damaged');
  expect(await writeRelease(file, entries.slice(1))).toEqual(changed);
});
