import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grammarProblems } from '../../test/dash.ts';
import { removeConfiguration, removeK3s } from './remove-script.ts';

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-remove-'));
  folder = join(root, 'k3s');
  mkdirSync(join(folder, 'config.yaml.d'), { recursive: true });
  for (const name of ['config.yaml', 'token', 'registries.yaml.new']) writeFileSync(join(folder, name), 'x');
});
afterEach(() => rmSync(root, { recursive: true }));

const remove = () => execFileSync('/bin/sh', ['-eu', '-c', removeConfiguration(folder)]);

describe('the configuration of k3s on a host that is reset', () => {
  it('goes, with the folders that nobody has put anything into', () => {
    remove();
    expect(existsSync(folder)).toBe(false);
    expect(remove).not.toThrow();
  });

  it('keeps the settings of an administrator', () => {
    writeFileSync(join(folder, 'config.yaml.d', 'own.yaml'), 'debug: true');
    remove();
    remove();
    expect(readdirSync(folder)).toEqual(['config.yaml.d']);
    expect(readdirSync(join(folder, 'config.yaml.d'))).toEqual(['own.yaml']);
  });

  it('is taken off by a script that is valid for a POSIX shell', async () => expect(await grammarProblems(removeK3s)).toBe(''));
});
