import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lookUpSecret } from './look-up-secret.ts';

describe('lookUpSecret', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-secret-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads the environment, a file, and what a command prints, which runs once', () => {
    vi.stubEnv('MUSTER_TEST_SECRET', 'a');
    writeFileSync(join(folder, 'secret'), 'b\n');
    const command = `echo ran >> ${join(folder, 'ran')}; echo 'c d'`;
    expect(lookUpSecret({ kind: 'env', argument: 'MUSTER_TEST_SECRET' })).toBe('a');
    expect(lookUpSecret({ kind: 'file', argument: join(folder, 'secret') })).toBe('b');
    expect([1, 2].map(() => lookUpSecret({ kind: 'pipe', argument: command }))).toEqual(['c d', 'c d']);
    expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('ran\n');
  });

  it('says what is missing', () => {
    expect(() => lookUpSecret({ kind: 'env', argument: 'MUSTER_NO_SUCH' })).toThrow('the environment has no MUSTER_NO_SUCH');
    expect(() => lookUpSecret({ kind: 'file', argument: join(folder, 'none') })).toThrow('ENOENT');
    expect(() => lookUpSecret({ kind: 'pipe', argument: 'exit 3' })).toThrow('ended with exit status 3');
    expect(() => lookUpSecret({ kind: 'pipe', argument: 'true' })).toThrow('it is empty');
  });
});
