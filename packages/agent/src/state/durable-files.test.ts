import { mkdirSync, readFileSync, readlinkSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { durableFiles, namesIn } from './durable-files.ts';

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

it('makes folders and files that only their owner reads', async () => {
  const folder = temporaryFolder();
  await durableFiles.makeFolder(join(folder, 'a/b'));
  await durableFiles.writeFile(join(folder, 'a/b/c'), 'secret');
  expect([mode(join(folder, 'a')), mode(join(folder, 'a/b')), mode(join(folder, 'a/b/c'))]).toEqual(['700', '700', '600']);
  expect(readFileSync(join(folder, 'a/b/c'), 'utf8')).toBe('secret');
});

it('closes a folder that others could read', async () => {
  const folder = join(temporaryFolder(), 'open');
  mkdirSync(folder, { mode: 0o755 });
  await durableFiles.makeFolder(folder);
  expect(mode(folder)).toBe('700');
});

it('replaces a file whatever an earlier crash left beside it', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'f'), 'old', { mode: 0o644 });
  writeFileSync(join(folder, 'f.new'), 'half', { mode: 0o444 });
  await durableFiles.writeFile(join(folder, 'f'), 'new');
  expect([readFileSync(join(folder, 'f'), 'utf8'), mode(join(folder, 'f')), readdirSync(folder)]).toEqual(['new', '600', ['f']]);
});

it('does not follow a link that stands where it writes', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'victim'), 'untouched');
  symlinkSync('victim', join(folder, 'f.new'));
  await durableFiles.writeFile(join(folder, 'f'), 'new');
  expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('untouched');
});

it('turns a link in one step', async () => {
  const folder = temporaryFolder();
  for (const target of ['a', 'b']) await durableFiles.pointTo(join(folder, 'current'), target);
  expect([readlinkSync(join(folder, 'current')), readdirSync(folder)]).toEqual(['b', ['current']]);
});

it('removes a folder, or nothing', async () => {
  const folder = temporaryFolder();
  await durableFiles.makeFolder(join(folder, 'a/b'));
  await durableFiles.removeFolder(join(folder, 'a'));
  await durableFiles.removeFolder(join(folder, 'a'));
  expect(await namesIn(folder)).toEqual([]);
  expect(await namesIn(join(folder, 'a'))).toEqual([]);
});
