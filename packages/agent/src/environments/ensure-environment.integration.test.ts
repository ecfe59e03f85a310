import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { archiveOf, archiveTask, EngineFixture, ensureTask } from '../../test/engine-fixture.ts';
import { type FakeAuthority, makeFakeAuthority } from '../../test/fake-authority.ts';
import { takeInventory } from './inventory.ts';

let authority: FakeAuthority;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});

const [one, two, three, four] = ['one', 'two', 'three', 'four'].map((version) => archiveOf(version)) as [
  ReturnType<typeof archiveOf>,
  ReturnType<typeof archiveOf>,
  ReturnType<typeof archiveOf>,
  ReturnType<typeof archiveOf>,
];
const open = () => EngineFixture.open(authority, [one, two, three, four]);

describe('an environment of an archive', () => {
  it('is unpacked, switched to, and reported', async () => {
    const host = await open();
    const task = archiveTask('ml', 1, one);
    const { message, listing } = await host.ensure(task);
    expect(message).toBe('Version 1 of ml is built and in use.');
    expect(listing).toEqual({
      version: 1,
      packages: [{ name: 'thing', version: '1.0', source: 'pip' }],
      truncated: false,
      lock: 'thing==1.0\n',
    });
    expect(execFileSync(join(host.root, 'ml/current/bin/tell'), { encoding: 'utf8' })).toBe('one\n');
    expect(host.steps).toEqual(['begin', 'fetch', 'build', 'own', 'record', 'switch', 'sweep']);
    expect(await takeInventory(host.parts.paths)).toEqual({
      available: true,
      items: [{ name: 'ml', version: 1, definitionSha256: task.definitionSha256 }],
      truncated: false,
    });
    expect(host.names()).toEqual(['.cache', 'ml']);
  });

  it('is there already the second time: nothing is fetched, built or switched', async () => {
    const host = await open();
    await host.ensure(archiveTask('ml', 1, one));
    const before = statSync(join(host.root, 'ml/1')).ctimeMs;
    const { message } = await host.ensure(archiveTask('ml', 1, one));
    expect(message).toBe('Version 1 of ml was in use already.');
    expect(host.server.requests).toHaveLength(1);
    expect(statSync(join(host.root, 'ml/1')).ctimeMs).toBe(before);
  });

  it('is built beside the one in use, which stays for what runs with it', async () => {
    const host = await open();
    await host.ensure(archiveTask('ml', 1, one));
    const running = join(host.root, 'ml/1/bin/tell');
    await host.ensure(archiveTask('ml', 2, two));
    expect(host.inUse('ml')).toBe('2');
    expect(execFileSync(running, { encoding: 'utf8' })).toBe('one\n');
    expect(host.names('ml')).toEqual(['1', '1.json', '2', '2.json', 'current']);
  });

  it('keeps one version beside the one in use, and older ones only under processes that use them', async () => {
    const host = await open();
    await host.ensure(archiveTask('ml', 1, one));
    await host.ensure(archiveTask('ml', 2, two));
    host.users = [{ pid: 17, name: 'python3', paths: [join(host.root, 'ml/1/lib/x.so')] }];
    const { message } = await host.ensure(archiveTask('ml', 3, three));
    expect(message).toBe('Version 3 of ml is built and in use. Older versions stay as long as processes use them: 1.');
    expect(host.names('ml').filter((name) => /^\d+$/u.test(name))).toEqual(['1', '2', '3']);
    host.users = [];
    await host.ensure(archiveTask('ml', 4, four));
    expect(host.names('ml').filter((name) => /^\d+$/u.test(name))).toEqual(['3', '4']);
    expect(host.names('.cache')).toEqual([three.sha256, four.sha256].toSorted());
  });

  it('goes back to a version that is still there without building it', async () => {
    const host = await open();
    await host.ensure(archiveTask('ml', 1, one));
    await host.ensure(archiveTask('ml', 2, two));
    expect((await host.ensure(archiveTask('ml', 1, one))).message).toBe('Version 1 of ml is in use again.');
    expect(host.server.requests).toHaveLength(2);
  });

  it('shares what was fetched with other environments', async () => {
    const host = await open();
    await host.ensure(archiveTask('ml', 1, one));
    await host.ensure(archiveTask('copy', 1, one));
    expect(host.server.requests).toHaveLength(1);
    expect(execFileSync(join(host.root, 'copy/current/bin/tell'), { encoding: 'utf8' })).toBe('one\n');
  });

  it('is built anew where somebody took its folder or its link away', async () => {
    const host = await open();
    await host.ensure(archiveTask('ml', 1, one));
    rmSync(join(host.root, 'ml/1'), { recursive: true });
    expect(await takeInventory(host.parts.paths)).toMatchObject({ items: [] });
    expect((await host.ensure(archiveTask('ml', 1, one))).message).toMatch(/is built and in use/u);
    rmSync(join(host.root, 'ml/current'));
    expect(await takeInventory(host.parts.paths)).toMatchObject({ items: [{ name: 'ml', version: 1, definitionSha256: '' }] });
    expect((await host.ensure(archiveTask('ml', 1, one))).message).toMatch(/is in use again/u);
  });

  it('of the same number and another definition, as after a restored server, does not touch the one in use', async () => {
    const host = await open();
    await host.ensure(archiveTask('ml', 1, one));
    const other = archiveTask('ml', 1, two);
    await host.ensure(other);
    expect(host.inUse('ml')).toBe(`1-${other.definitionSha256.slice(0, 8)}`);
    expect(execFileSync(join(host.root, 'ml/1/bin/tell'), { encoding: 'utf8' })).toBe('one\n');
    expect(await takeInventory(host.parts.paths)).toMatchObject({ items: [{ version: 1, definitionSha256: other.definitionSha256 }] });
  });

  it('that is refused leaves nothing but what was in use', async () => {
    const evil = archiveOf('evil', [{ path: '../../outside', content: 'x' }]);
    const host = await EngineFixture.open(authority, [one, evil]);
    await host.ensure(archiveTask('ml', 1, one));
    await expect(host.ensure(archiveTask('ml', 2, evil))).rejects.toMatchObject({
      fault: 'definition',
      message: expect.stringMatching(/Unpacking env-evil\.tar failed: The archive is refused: it has a path that leads out of it/u),
    });
    expect(host.inUse('ml')).toBe('1');
    expect(host.names('ml')).toEqual(['1', '1.json', 'current']);
    expect(host.names().filter((name) => name.startsWith('.'))).toEqual(['.cache']);
  });

  it('does not grow beyond what is allowed', async () => {
    const host = await open();
    await expect(host.ensure({ ...archiveTask('ml', 1, one), maxUnpackedBytes: 10 })).rejects.toThrow(/more than 10 bytes/u);
  });

  it('ends when it is cancelled, and leaves nothing half-made', async () => {
    const host = await open();
    const ending = new AbortController();
    const running = host.ensure(archiveTask('ml', 1, one), {
      signal: ending.signal,
      onStep: (step) => void (step === 'build' && ending.abort()),
    });
    await expect(running).rejects.toThrow(/cancelled/u);
    expect(host.names('ml')).toEqual([]);
  });
});

describe('an environment that conda-pack packed', () => {
  /** A stand-in for conda-pack's own script: writes the place where it stands into a file, as the real one does into many. */
  const condaUnpack = `import os, sys
prefix = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
open(os.path.join(prefix, "etc-prefix"), "w").write(prefix)
`;
  const python = { path: 'bin/python', content: '#!/bin/sh\nexec /usr/bin/python3 "$@"\n', mode: 0o755 };

  it('has its paths rewritten for the place where it stays', async () => {
    const packed = archiveOf('packed', [python, { path: 'bin/conda-unpack', content: condaUnpack, mode: 0o755 }]);
    const host = await EngineFixture.open(authority, [packed]);
    await host.ensure(archiveTask('packed', 1, packed));
    expect(host.file('packed', 'current', 'etc-prefix')).toBe(join(host.root, 'packed/1'));
  });

  it('fails with its own words where that fails, and where it has no Python', async () => {
    const broken = archiveOf('broken', [python, { path: 'bin/conda-unpack', content: 'raise SystemExit("prefix too long")', mode: 0o755 }]);
    const without = archiveOf('without', [{ path: 'bin/conda-unpack', content: condaUnpack, mode: 0o755 }]);
    const host = await EngineFixture.open(authority, [broken, without]);
    await expect(host.ensure(archiveTask('packed', 1, broken))).rejects.toThrow('conda-unpack failed: prefix too long');
    await expect(host.ensure(archiveTask('packed', 2, without))).rejects.toThrow(/has bin\/conda-unpack and no bin\/python/u);
    expect(host.names()).toEqual(['.cache']);
  });
});

describe('an environment of conda', () => {
  /** A stand-in for conda: what it is told, in the form in which micromamba is; there is no conda to be had where this is tested. */
  const standIn = `#!/bin/sh
set -eu
test "$1" = create && test "$2" = --yes && test "$3" = --prefix && test "$5" = --file
grep -q poison "$6" && { echo "Could not solve for environment specs" >&2; exit 1; }
mkdir -p "$4/conda-meta"
printf '{"name": "zlib", "version": "1.3", "build": "h1", "channel": "main", "url": "https://c/zlib.conda", "md5": "%032d"}' 7 > "$4/conda-meta/zlib.json"
cp "$6" "$4/given.yml"
`;
  const yaml = 'dependencies:\n  - zlib\n';
  const folderWith = (host: EngineFixture, name: string): string => {
    const folder = join(host.stateDir, 'bin');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), standIn, { mode: 0o755 });
    return folder;
  };
  const recipe = (environmentYml: string) => ({ kind: 'conda' as const, environmentYml });

  it('is made by the program on the node (stand-in), and locked with what it installed', async () => {
    const host = await EngineFixture.open(authority, []);
    const { listing } = await host.ensure(ensureTask('ml', 1, recipe(yaml), []), { condaPlaces: [folderWith(host, 'micromamba')] });
    expect(host.file('ml', 'current', 'given.yml')).toBe(yaml);
    expect(listing.packages).toEqual([{ name: 'zlib', version: '1.3', source: 'h1 main' }]);
    expect(listing.lock).toBe(`@EXPLICIT\nhttps://c/zlib.conda#${'7'.padStart(32, '0')}\n`);
  });

  it('that cannot be solved fails on its own, with the words of the program (stand-in)', async () => {
    const host = await EngineFixture.open(authority, [one]);
    const places = [folderWith(host, 'micromamba')];
    await expect(host.ensure(ensureTask('ml', 1, recipe('poison'), []), { condaPlaces: places })).rejects.toMatchObject({
      fault: 'definition',
      message: 'micromamba failed: Could not solve for environment specs',
    });
    expect((await host.ensure(archiveTask('other', 1, one))).message).toMatch(/is built and in use/u);
  });

  it('is not made where there is no conda, and that is said with a way out', async () => {
    const host = await EngineFixture.open(authority, []);
    await expect(host.ensure(ensureTask('ml', 1, recipe(yaml), []), { condaPlaces: [join(host.root, 'nothing')] })).rejects.toThrow(
      /no micromamba, mamba, conda on the node .*conda-pack/u,
    );
  });
});

describe('what a host has', () => {
  it('is nothing where there is no folder, and only what this program made', async () => {
    const host = await open();
    rmSync(host.root, { recursive: true });
    expect(await takeInventory(host.parts.paths)).toEqual({ available: true, items: [], truncated: false });
    mkdirSync(join(host.root, 'by-hand/1'), { recursive: true });
    mkdirSync(join(host.root, 'lost+found'));
    writeFileSync(join(host.root, 'by-hand/1.json'), '{"version": "1"}');
    writeFileSync(join(host.root, 'a-file'), '');
    expect(await takeInventory(host.parts.paths)).toEqual({ available: true, items: [], truncated: false });
  });

  it('is unknown where it cannot be read, with the reason', async () => {
    const host = await open();
    const paths = { ...host.parts.paths, root: `${host.root}/\0` };
    expect(await takeInventory(paths)).toMatchObject({ available: false, reason: expect.stringMatching(/null bytes/u) });
  });

  it('has what was removed no more: folder, cache, everything', async () => {
    const host = await open();
    await host.ensure(archiveTask('ml', 1, one));
    await host.ensure(archiveTask('other', 1, two));
    expect(await host.remove('ml')).toMatchObject({ message: 'ml is removed.' });
    expect(host.names()).toEqual(['.cache', 'other']);
    expect(host.names('.cache')).toEqual([two.sha256]);
    expect(await host.remove('ml')).toMatchObject({ message: 'ml was not there.' });
    await host.remove('other');
    expect(host.names()).toEqual([]);
  });

  it('is not removed from under processes, unless that is asked for', async () => {
    const host = await open();
    await host.ensure(archiveTask('ml', 1, one));
    host.users = [{ pid: 17, name: 'python3', paths: [join(host.root, 'ml/current/bin/python')] }];
    await expect(host.remove('ml')).rejects.toMatchObject({
      fault: 'passing',
      message: expect.stringMatching(/^ml is in use by python3 \(17\)\. .*--force/u),
    });
    expect(host.inUse('ml')).toBe('1');
    await host.remove('ml', true);
    expect(host.names()).toEqual([]);
  });

  it('is found by real processes that run in it', async () => {
    const { findUsers } = await import('./disk/processes.ts');
    const host = await open();
    await host.ensure(archiveTask('ml', 1, one));
    const child = spawn('/bin/sleep', ['60'], { cwd: join(host.root, 'ml/1/lib') });
    await new Promise((resolve) => child.once('spawn', resolve));
    const found = await findUsers([join(host.root, 'ml')]);
    expect(found.map(({ pid, name }) => [pid, name])).toEqual([[child.pid, 'sleep']]);
    expect(await findUsers([join(host.root, 'm')])).toEqual([]);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    expect(await findUsers([join(host.root, 'ml')])).toEqual([]);
    expect(readFileSync(join(host.root, 'ml/1/bin/tell'), 'utf8')).toMatch(/echo one/u);
  });
});
