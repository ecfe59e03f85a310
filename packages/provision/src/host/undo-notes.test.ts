import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grammarProblems, runInDash } from '../../test/dash.ts';
import { ScriptRoot } from '../../test/script-root.ts';
import { countAccounts, makeFolders, noteFiles, noteNewAccounts, removeMadeFolders, takeBackFiles } from './undo-notes.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-notes-'));
  mkdirSync(join(root, 'etc'));
});
afterEach(() => rmSync(root, { recursive: true }));

const notes = () => join(root, 'notes');
const note = async (...paths: string[]) => {
  const ended = await runInDash(`set -eu\n${noteFiles(paths, notes())}`);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
};
const noted = () => readFileSync(join(notes(), 'files'), 'utf8').trim().split('\n');

describe('notes of the files a run writes', () => {
  it('keep what was there before, with its content', async () => {
    const path = join(root, 'etc', "it's a file.conf");
    writeFileSync(path, 'of the administrator');
    await note(path);
    expect(noted()).toEqual([path]);
    expect(readFileSync(join(notes(), 'before', path), 'utf8')).toBe('of the administrator');
  });

  it('keep nothing where nothing was', async () => {
    await note(join(root, 'etc', 'new.conf'));
    expect(noted()).toEqual([join(root, 'etc', 'new.conf')]);
    expect(() => readFileSync(join(notes(), 'before', root, 'etc', 'new.conf'))).toThrow(/ENOENT/u);
  });

  it("do not take for the administrator's what a run has written", async () => {
    const path = join(root, 'etc', 'new.conf');
    await note(path);
    writeFileSync(path, 'of a run');
    await note(path, join(root, 'etc', 'other.conf'));
    expect(noted()).toEqual([path, join(root, 'etc', 'other.conf')]);
    expect(() => readFileSync(join(notes(), 'before', path))).toThrow(/ENOENT/u);
  });

  it('keep the first of a file, however often it is noted', async () => {
    const path = join(root, 'etc', 'a.conf');
    writeFileSync(path, 'first');
    await note(path);
    writeFileSync(path, 'second');
    await note(path);
    expect(readFileSync(join(notes(), 'before', path), 'utf8')).toBe('first');
  });
});

describe('notes of accounts', () => {
  it('are scripts that a POSIX shell takes', async () => {
    expect(await grammarProblems(countAccounts + noteNewAccounts)).toBe('');
  });
});

describe('folders that a run makes', () => {
  const make = makeFolders(['/etc/docker/certs.d', '/etc/docker/certs.d/a:5000']);
  let host: ScriptRoot;
  beforeEach(() => {
    host = new ScriptRoot();
    host.write('/etc/docker/daemon.json');
  });
  afterEach(() => host.remove());

  it('go again with a reset, however often they were made', async () => {
    for (const _ of [1, 2]) expect(await host.run(`set -eu\n${make}`)).toMatchObject({ code: 0, stderr: '' });
    expect(host.has('/etc/docker/certs.d/a:5000')).toBe(true);
    expect(await host.run(`set -eu\n${removeMadeFolders}`)).toMatchObject({ code: 0, stderr: '' });
    expect([host.has('/etc/docker/certs.d'), host.has('/etc/docker')]).toEqual([false, true]);
  });

  it('stay where they were there before, or hold something of somebody else', async () => {
    host.write('/etc/docker/certs.d/b:5000/ca.crt');
    await host.run(`set -eu\n${make}`);
    host.write('/etc/docker/certs.d/a:5000/client.key');
    expect(await host.run(`set -eu\n${removeMadeFolders}`)).toMatchObject({ code: 0, stderr: '' });
    expect([host.has('/etc/docker/certs.d/a:5000/client.key'), host.has('/etc/docker/certs.d/b:5000/ca.crt')]).toEqual([true, true]);
  });
});

describe('files of which one is taken back', () => {
  let host: ScriptRoot;
  beforeEach(() => (host = new ScriptRoot()));
  afterEach(() => host.remove());

  it('are as they were before, and are noted anew by a later run', async () => {
    host.write('/etc/old.conf', 'of the host');
    const paths = ['/etc/old.conf', '/etc/new.conf', '/etc/other.conf'];
    expect(await host.run(`set -eu\n${noteFiles(paths)}`)).toMatchObject({ code: 0, stderr: '' });
    for (const path of paths) host.write(path, 'of a run');
    for (let times = 0; times < 2; times++)
      expect(await host.run(`set -eu\n${takeBackFiles(['/etc/old.conf', '/etc/new.conf'])}`)).toMatchObject({ code: 0, stderr: '' });
    expect([host.read('/etc/old.conf'), host.has('/etc/new.conf'), host.read('/etc/other.conf')]).toEqual([
      'of the host',
      false,
      'of a run',
    ]);
    expect(host.read('/var/lib/muster-provision/files')).toBe(`${host.path('/etc/other.conf')}\n`);
    host.write('/etc/old.conf', 'of the host, later');
    await host.run(`set -eu\n${noteFiles(['/etc/old.conf'])}`);
    expect(host.read(`/var/lib/muster-provision/before${host.path('/etc/old.conf')}`)).toBe('of the host, later');
  });
});
