import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grammarProblems, runInDash } from '../../test/dash.ts';
import {
  copyFiles,
  copyState,
  dropIn,
  lookAtState,
  lookForFolder,
  markFolder,
  readyDropIn,
  registerUser,
  releaseFiles,
  releaseState,
  removeDropIn,
  seeMark,
  stopController,
} from './state-scripts.ts';

let root: string;
const at = (...path: string[]) => join(root, ...path);
const text = (...path: string[]) => readFileSync(at(...path), 'utf8');
const write = (content: string, ...path: string[]) => writeFileSync(at(...path), content);
const withArguments = (script: string, ...args: string[]) => runInDash(`set -- ${args.map((one) => `'${one}'`).join(' ')}\n${script}`);
const copy = () => withArguments(copyFiles, at('old'), at('new'));
const release = (hostname: string) => withArguments(releaseFiles, at('new'), hostname, userInfo().username);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-state-'));
  for (const name of ['old', 'new']) mkdirSync(at(name));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A state as slurmctld leaves it, with jobs in folders. */
function makeState(name: string, jobs: string): void {
  mkdirSync(at(name, 'hash.1'), { recursive: true });
  for (const file of ['clustername', 'job_state', '.hidden', join('hash.1', 'script')]) write(jobs, name, file);
}

describe('the copy of a state', () => {
  it('has everything of it, and leaves it where it was', async () => {
    makeState('old', 'jobs');
    expect(await copy()).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(at('new')).toSorted()).toEqual(['.hidden', 'clustername', 'hash.1', 'job_state']);
    expect(text('new', 'hash.1', 'script')).toBe('jobs');
    expect(readdirSync(at('old'))).toHaveLength(4);
  });

  it('has nothing of the file system and of the marks of runs', async () => {
    makeState('old', 'jobs');
    mkdirSync(at('old', 'lost+found'));
    write('x', 'old', '.muster-slurm');
    write('x', 'old', '.muster-controller-boss');
    write('mine', 'new', '.muster-slurm');
    expect((await copy()).code).toBe(0);
    expect(readdirSync(at('new')).toSorted()).toEqual(['.hidden', '.muster-slurm', 'clustername', 'hash.1', 'job_state']);
    expect(text('new', '.muster-slurm')).toBe('mine');
  });

  it('goes over one that was not finished, and over one of before', async () => {
    makeState('old', 'jobs');
    makeState('new', 'stale');
    mkdirSync(at('new', '.muster-copy'));
    write('half', 'new', '.muster-copy', 'job_state');
    expect((await copy()).code).toBe(0);
    expect([text('new', 'job_state'), text('new', 'hash.1', 'script')]).toEqual(['jobs', 'jobs']);
    expect(readdirSync(at('new'))).not.toContain('.muster-copy');
  });

  it('is not known as a state when it does not come to its end', async () => {
    makeState('old', 'jobs');
    rmSync(at('old', 'clustername'));
    expect((await copy()).code).not.toBe(0);
    expect(readdirSync(at('new'))).not.toContain('clustername');
  });
});

describe('a controller that leaves the folder', () => {
  const mark = 'token=a\nowner=0:0\nmode=755\nstate=none\ncluster=muster\n';
  beforeEach(() => {
    makeState('new', 'jobs');
    write(mark, 'new', '.muster-slurm');
    for (const name of ['boss', 'spare']) write('', 'new', `.muster-controller-${name}`);
  });

  it('leaves everything to another one', async () => {
    expect(await release('spare')).toMatchObject({ code: 0, stdout: '' });
    expect(readdirSync(at('new'))).toHaveLength(6);
  });

  it('empties it as the last one, and says what it was like', async () => {
    await release('spare');
    expect(await release('boss')).toMatchObject({ code: 0, stdout: 'owner=0:0\nmode=755\n' });
    expect(readdirSync(at('new'))).toEqual([]);
    expect(await release('boss')).toMatchObject({ code: 0, stdout: '' });
  });

  it('leaves a state that was there before the first run', async () => {
    write(mark.replace('state=none', 'state=before'), 'new', '.muster-slurm');
    await release('spare');
    await release('boss');
    expect(readdirSync(at('new')).toSorted()).toEqual(['.hidden', 'clustername', 'hash.1', 'job_state']);
  });

  it('touches nothing in a folder that no run has marked', async () => {
    rmSync(at('new', '.muster-slurm'));
    await release('spare');
    expect(await release('boss')).toMatchObject({ code: 0, stdout: '' });
    expect(text('new', 'job_state')).toBe('jobs');
  });
});

describe('the scripts of the state', () => {
  it('are valid for a POSIX shell', async () => {
    const folder = '/srv/state';
    const scripts = [
      ...[lookAtState, lookForFolder, markFolder, seeMark, registerUser, releaseState].map((script) => script(folder)),
      copyState('/srv/old', folder),
      stopController,
      readyDropIn,
      removeDropIn,
    ];
    for (const script of scripts) expect(await grammarProblems(script)).toBe('');
  });

  it('keep slurmctld from starting on an empty mount point', () => {
    expect(dropIn('/srv/state')).toContain('RequiresMountsFor=/srv/state\n');
    expect(dropIn('/srv/state')).toContain('test -e /srv/state/.muster-slurm\n');
  });
});
