import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { runInventoryProgram } from './run-inventory-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

function program(text: string, mode = 0o755): string {
  const path = join(folder, 'inv;touch x');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const failure = (path: string, timeoutSeconds?: number) => {
  try {
    return runInventoryProgram(path, ['--list'], timeoutSeconds);
  } catch (error) {
    return String(error);
  }
};

describe('an inventory program', () => {
  it('gets its arguments as they are', () => {
    const path = program('#!/bin/sh\nprintf "%s|" "$@"\n');
    expect(runInventoryProgram(path, ['--host', '$(id) "x" ;'])).toBe('--host|$(id) "x" ;|');
  });

  it('may say something on standard error, which is passed on', () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(runInventoryProgram(program('#!/bin/sh\necho old >&2; echo "{}"\n'), ['--list'])).toBe('{}\n');
    expect(said).toHaveBeenCalledWith(`${join(folder, 'inv;touch x')}: old\n`);
  });

  it('is one only with #! and the right to be executed', () => {
    expect(runInventoryProgram(program('touch /tmp/never\n'), ['--list'])).toBeUndefined();
    expect(runInventoryProgram(program('#!/bin/sh\n', 0o644), ['--list'])).toBeUndefined();
    expect(runInventoryProgram(folder, ['--list'])).toBeUndefined();
    expect(runInventoryProgram(join(folder, 'nothing'), ['--list'])).toBeUndefined();
  });

  it.each([
    ['#!/bin/sh\necho >&2; echo no token >&2; echo more >&2; exit 3\n', 'it ended with exit status 3: no token'],
    ['#!/bin/sh\nexit 4\n', 'it ended with exit status 4 and said nothing'],
    ['#!/bin/sh\nkill -TERM $$\n', 'it was killed by SIGTERM'],
    ['#!/no/such/interpreter\n', 'ENOENT'],
    ["#!/bin/sh\nprintf '\\377'\n", 'not UTF-8'],
  ])('that fails says how: %j', (text, said) => expect(failure(program(text))).toContain(said));

  it('that hangs is killed', () => {
    expect(failure(program('#!/bin/sh\nexec sleep 60\n'), 0.2)).toContain('it was not done after 0.2 s and was killed');
  });
});
