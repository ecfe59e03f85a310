import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runInDash } from '../../test/dash.ts';
import type { Artifact } from '../artifacts.ts';
import { installReleaseScript } from './install-release.ts';

/** Programs of which a script runs one after the other; before each of them it can be killed. */
const steps = ['mkdir', 'rm', 'tar', 'cat', 'mv', 'ln', 'readlink'];

/** A host's folders below a temporary one, in which the script really runs. */
class FakeRoot {
  readonly folder = mkdtempSync(join(tmpdir(), "muster install's "));
  readonly places = { opt: join(this.folder, 'opt'), staging: join(this.folder, 'cache') };

  constructor() {
    for (const folder of [...Object.values(this.places), join(this.folder, 'bin')]) mkdirSync(folder);
  }

  /** Makes an archive whose program says its version, and stages it as the stage phase does. */
  stage(version: string): Artifact {
    const content = join(this.folder, `content-${version}`);
    mkdirSync(join(content, 'bin'), { recursive: true });
    writeFileSync(join(content, 'bin', 'muster'), `version ${version}`);
    const archive = join(this.folder, `${version}.tar.gz`);
    if (!existsSync(archive)) spawnSync('tar', ['-czf', archive, '-C', content, '.']);
    const sha256 = createHash('sha256').update(readFileSync(archive)).digest('hex');
    writeFileSync(join(this.places.staging, `${sha256}.tar.gz`), readFileSync(archive));
    return { path: archive, sha256, version };
  }

  /** Runs the script; with `killBefore`, the shell is killed before it runs its so-manieth program. */
  install(artifact: Artifact, killBefore?: number, isKept = false) {
    const script = installReleaseScript('muster', artifact, { isKept, places: this.places });
    if (killBefore === undefined) return runInDash(script);
    this.#wrapPrograms();
    rmSync(join(this.folder, 'count'), { force: true });
    const env = {
      PATH: `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      COUNT: join(this.folder, 'count'),
      KILL: String(killBefore),
    };
    return runInDash(`export SHELL_PID=$$\n${script}`, { env });
  }

  #wrapPrograms(): void {
    for (const name of steps) {
      const real = ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path));
      const file = join(this.folder, 'bin', name);
      writeFileSync(
        file,
        `#!/bin/sh\nprintf x >> "$COUNT"\nif [ "$(/usr/bin/wc -c < "$COUNT")" -eq "$KILL" ]; then kill -9 "$SHELL_PID"; exit 1; fi\nexec ${real} "$@"\n`,
      );
      chmodSync(file, 0o755);
    }
  }

  /** What the program in use says; undefined where none is. */
  get inUse(): string | undefined {
    const file = join(this.places.opt, 'muster', 'bin', 'muster');
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  get releases(): string[] {
    return readdirSync(join(this.places.opt, 'muster-releases')).toSorted();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

describe('the installation of a release', () => {
  let root: FakeRoot | undefined;
  const makeRoot = () => (root = new FakeRoot());
  afterEach(() => {
    root?.remove();
    root = undefined;
  });

  it('unpacks it, marks it, links it, and takes the archive away', async () => {
    const host = makeRoot();
    const artifact = host.stage('1.0.0');
    expect(await host.install(artifact)).toMatchObject({ code: 0, stderr: '' });
    expect(host.inUse).toBe('version 1.0.0');
    expect(readFileSync(join(host.places.opt, 'muster', '.artifact'), 'utf8')).toBe(`${artifact.sha256}\n`);
    expect(readdirSync(host.places.staging)).toEqual([]);
    expect(readdirSync(host.places.opt).toSorted()).toEqual(['muster', 'muster-releases']);
  });

  it('keeps the release before, and removes the one before that', async () => {
    const host = makeRoot();
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) expect((await host.install(host.stage(version))).code).toBe(0);
    expect(host.inUse).toBe('version 1.2.0');
    expect(host.releases.map((name) => name.slice(0, 5))).toEqual(['1.1.0', '1.2.0']);
  });

  it('run again changes nothing and keeps the release before', async () => {
    const host = makeRoot();
    await host.install(host.stage('1.0.0'));
    const artifact = host.stage('1.1.0');
    await host.install(artifact);
    host.stage('1.1.0');
    const before = [host.releases, readlinkSync(join(host.places.opt, 'muster'))];
    expect((await host.install(artifact)).code).toBe(0);
    expect([host.releases, readlinkSync(join(host.places.opt, 'muster'))]).toEqual(before);
    expect(host.releases).toHaveLength(2);
  });

  it('goes back to the release before when that is asked for', async () => {
    const host = makeRoot();
    const first = host.stage('1.0.0');
    await host.install(first);
    await host.install(host.stage('1.1.0'));
    expect((await host.install(first)).code).toBe(0);
    expect(host.inUse).toBe('version 1.0.0');
  });

  it('fails on a damaged archive and leaves the old release in use', async () => {
    const host = makeRoot();
    await host.install(host.stage('1.0.0'));
    const artifact = host.stage('1.1.0');
    writeFileSync(join(host.places.staging, `${artifact.sha256}.tar.gz`), 'damaged');
    expect((await host.install(artifact)).code).not.toBe(0);
    expect(host.inUse).toBe('version 1.0.0');
  });

  it('fails on a disk that fills up, leaves the old release in use, and is made whole once there is room', async () => {
    const host = makeRoot();
    await host.install(host.stage('1.0.0'));
    const artifact = host.stage('1.1.0');
    const tar = join(host.folder, 'bin', 'tar');
    // Unpacks a part, then says what the real one says.
    writeFileSync(tar, '#!/bin/sh\nmkdir "$4/bin"; echo "tar: ./bin/muster: Cannot write: No space left on device" >&2; exit 2\n');
    chmodSync(tar, 0o755);
    const env = { PATH: `${join(host.folder, 'bin')}:${process.env['PATH'] ?? ''}` };
    const failed = await runInDash(installReleaseScript('muster', artifact, { isKept: false, places: host.places }), { env });
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining('No space left on device') });
    expect(host.inUse).toBe('version 1.0.0');
    expect((await host.install(artifact)).code).toBe(0);
    expect(host.inUse).toBe('version 1.1.0');
    expect(host.releases.filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('keeps the archive in use where archives are kept, and that of no release before', async () => {
    const host = makeRoot();
    const archives = () => readdirSync(host.places.staging);
    const [first, second] = [host.stage('1.0.0'), host.stage('1.1.0')];
    await host.install(first, undefined, true);
    expect(archives()).toContain(`${first.sha256}.tar.gz`);
    for (let times = 0; times < 2; times++) {
      expect((await host.install(second, undefined, true)).code).toBe(0);
      expect(archives()).toEqual([`${second.sha256}.tar.gz`]);
    }
  });

  it('makes whole a release whose folder was half removed', async () => {
    const host = makeRoot();
    const artifact = host.stage('1.0.0');
    await host.install(artifact);
    rmSync(join(host.places.opt, 'muster', '.artifact'));
    rmSync(join(host.places.opt, 'muster', 'bin'), { recursive: true });
    host.stage('1.0.0');
    expect((await host.install(artifact)).code).toBe(0);
    expect(host.inUse).toBe('version 1.0.0');
  });

  it('killed before any of its programs leaves a whole release in use, and is made whole by the next run', async () => {
    for (let killBefore = 1; ; killBefore++) {
      const host = makeRoot();
      await host.install(host.stage('1.0.0'));
      const artifact = host.stage('1.1.0');
      const { signal, code } = await host.install(artifact, killBefore);
      expect(['version 1.0.0', 'version 1.1.0']).toContain(host.inUse);
      expect([signal, code]).toEqual(signal === null ? [null, 0] : ['SIGKILL', null]);
      // The stage phase brings the archive again wherever the release is not in use yet.
      if (host.inUse === 'version 1.0.0') host.stage('1.1.0');
      expect((await host.install(artifact)).code).toBe(0);
      expect(host.inUse).toBe('version 1.1.0');
      expect(host.releases.filter((name) => name.endsWith('.new'))).toEqual([]);
      host.remove();
      root = undefined;
      if (signal === null) {
        expect(killBefore).toBeGreaterThan(8);
        return;
      }
    }
  });

  it('takes no name for a command, whatever is in it', async () => {
    const host = makeRoot();
    const artifact = { ...host.stage('1.0.0'), version: "1'; touch owned; $(touch owned) `touch owned` \\ *" };
    expect((await host.install(artifact)).code).toBe(0);
    expect(host.inUse).toBe('version 1.0.0');
    expect(existsSync(join(host.folder, 'owned')) || existsSync('owned')).toBe(false);
  });
});
