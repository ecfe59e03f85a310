import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CliError } from '../cli-error.ts';
import { findSocket } from './find-socket.ts';

describe('the socket of the server', () => {
  const home = process.cwd();
  let folder = '';
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-socket-')));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  it('is the one that is named, whether it is there or not', () => {
    expect(findSocket('/run/other.sock')).toBe('/run/other.sock');
    expect(findSocket('other.sock')).toBe(join(folder, 'other.sock'));
  });

  it('is found in the folder of a checkout', () => {
    mkdirSync('.muster');
    writeFileSync('.muster/muster.sock', '');
    expect(findSocket(undefined)).toBe(join(folder, '.muster/muster.sock'));
  });

  it("is not taken from a stranger's folder", () => {
    mkdirSync('.muster');
    writeFileSync('.muster/muster.sock', '');
    const stranger = 54_321;
    // Root can give the file away; anybody else can only be somebody else.
    if (process.getuid?.() === 0) chownSync('.muster/muster.sock', stranger, stranger);
    else vi.spyOn(process, 'getuid').mockReturnValue(stranger);
    expect(() => findSocket(undefined)).toThrow(/belongs to another user .*--socket \.muster\/muster\.sock/u);
    expect(findSocket('.muster/muster.sock')).toBe(join(folder, '.muster/muster.sock'));
  });

  it('is missed with a word on where it was looked for and what to do', () => {
    const places = ['.muster/muster.sock', './other.sock'];
    expect(() => findSocket(undefined, places)).toThrow(CliError);
    expect(() => findSocket(undefined, places)).toThrow(/no socket at \.muster\/muster\.sock, \.\/other\.sock.*"muster up".*--socket/u);
  });
});
