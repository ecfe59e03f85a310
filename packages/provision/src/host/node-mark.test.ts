import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeMark, writeMarkScript } from './node-mark.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-mark-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the script as it is, but for the folder, and what comes after it. */
function runWith(shell: string, after: string, input: string) {
  const file = join(folder, 'script');
  writeFileSync(file, writeMarkScript.replaceAll('/etc/muster', join(folder, 'muster')) + after);
  return spawnSync(shell, [file], { input, encoding: 'utf8' });
}
const mark = () => join(folder, nodeMark.replace('/etc/', ''));

describe('the mark of a host', () => {
  it.each(['/bin/dash', '/bin/bash'])('is the first line; the rest is left for the next program (%s)', (shell) => {
    const { stdout, status } = runWith(shell, 'exec cat', 'an-id\nmuster1.token\n');
    expect([status, stdout, readFileSync(mark(), 'utf8')]).toEqual([0, 'muster1.token\n', 'an-id\n']);
    expect(statSync(mark()).mode & 0o777).toBe(0o644);
    expect(existsSync(`${mark()}.new`)).toBe(false);
  });

  it('is not written, and nothing follows, when no id comes', () => {
    const { stdout, status } = runWith('/bin/dash', 'echo went on', '');
    expect([status, stdout, existsSync(mark())]).toEqual([1, '', false]);
  });
});
