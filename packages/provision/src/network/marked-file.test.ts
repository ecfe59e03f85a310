import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { runInDash } from '../../test/dash.ts';
import { FakeHost } from '../../test/fake-host.ts';
import { clusterOf } from '../host/cluster.ts';
import {
  type FileState,
  lookAtMarked,
  markedChanges,
  markedFile,
  putChecked,
  readMarked,
  requireUntouched,
  waitingPath,
} from './marked-file.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'muster-marked-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, 'a.conf');
async function seen(): Promise<{ hash: string; state: FileState }> {
  const { code, stdout } = await runInDash(`set -eu\n${lookAtMarked([path()])}`);
  expect(code).toBe(0);
  return readMarked(stdout, [path()]).get(path())!;
}
const hostWith = (variables: string) => clusterOf(inventoryOf(`[driver]\nboss ${variables}\n`)).hosts[0]!;

describe('a file with the digest of itself', () => {
  it.each([
    ['nothing is there', undefined, 'none'],
    ['it is as a run wrote it', (text: string) => text, 'ours'],
    ['a line was added', (text: string) => `${text}more\n`, 'edited'],
    ['a line was taken out', (text: string) => text.replace('two\n', ''), 'edited'],
    ['the digest was changed', (text: string) => text.replace(/[\da-f]{64}/u, 'a'.repeat(64)), 'edited'],
    ['the first line was taken out', (text: string) => text.slice(text.indexOf('\n') + 1), 'foreign'],
    ["it is somebody else's", () => 'server a\n', 'foreign'],
    ['it is empty', () => '', 'foreign'],
  ] as const)('is recognised where %s', async (_what, change, state) => {
    const { content } = markedFile(path(), 'one\ntwo\n');
    if (change !== undefined) writeFileSync(path(), change(content));
    expect((await seen()).state).toBe(state);
  });

  it('is recognised where it is empty but for that line, and is no link to nowhere', async () => {
    writeFileSync(path(), markedFile(path(), '').content);
    expect((await seen()).state).toBe('ours');
    rmSync(path());
    symlinkSync('/nowhere', path());
    expect((await seen()).state).toBe('foreign');
  });

  it('is changed where it is ours, and what differs', async () => {
    const file = markedFile(path(), 'one\n');
    const changes = async (foreign: 'kept' | 'replaced' = 'kept', variables = '') =>
      markedChanges(hostWith(variables), [file], new Map([[path(), await seen()]]), foreign).map(({ what }) => what);
    expect(await changes()).toEqual([`write ${path()}`]);
    writeFileSync(path(), file.content);
    expect(await changes()).toEqual([]);
    writeFileSync(path(), markedFile(path(), 'of before\n').content);
    expect(await changes()).toEqual([`change ${path()}`]);
    writeFileSync(path(), 'of the host\n');
    await expect(changes()).rejects.toThrow(/a\.conf on boss was not written by a run, and is left as it is/u);
    expect(await changes('replaced')).toEqual([`change ${path()}`]);
    writeFileSync(path(), `${file.content}more\n`);
    await expect(changes('replaced')).rejects.toThrow(/was changed by hand since a run wrote it.*-e muster_network_overwrite=yes/u);
    expect(await changes('kept', 'muster_network_overwrite=yes')).toEqual([`change ${path()}`]);
  });

  it.each(['none', 'ours'] as const)('may go where it is %s', (state) => {
    expect(() => requireUntouched(hostWith(''), '/etc/a', state)).not.toThrow();
  });
});

describe('files that a service has to take', () => {
  /** Runs for real, below the folder, what a run would send. */
  async function put(check: string) {
    const host = new FakeHost('boss');
    host.more.push(({ label }) => (label === 'write them' ? '' : undefined));
    const file = markedFile(path(), 'new\n');
    await putChecked(host, [file], { check, label: 'write them', signal: new AbortController().signal });
    writeFileSync(waitingPath(path()), file.content);
    return runInDash(host.sent[0]!.script.replaceAll('/var/lib/muster-provision', `${folder}/notes`));
  }

  it('come into their places once it does, and the ones before are kept', async () => {
    writeFileSync(path(), 'old\n');
    expect(await put('true')).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(path(), 'utf8')).toBe(markedFile(path(), 'new\n').content);
    expect(readFileSync(join(folder, 'notes/before', path()), 'utf8')).toBe('old\n');
    expect(existsSync(waitingPath(path()))).toBe(false);
  });

  it('stay out where it does not, with what it said', async () => {
    writeFileSync(path(), 'old\n');
    expect(await put('echo "bad option at line 2" >&2; return 1')).toMatchObject({ code: 1, stderr: 'bad option at line 2\n' });
    expect(readFileSync(path(), 'utf8')).toBe('old\n');
    expect([existsSync(waitingPath(path())), existsSync(join(folder, 'notes'))]).toEqual([false, false]);
  });
});
