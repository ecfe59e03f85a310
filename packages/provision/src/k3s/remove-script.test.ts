import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grammarProblems } from '../../test/dash.ts';
import { localConnection } from '../../test/local-connection.ts';
import { runScript } from '../host/run-script.ts';
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

const remove = () => runScript(localConnection(), `set -eu\n${removeConfiguration(folder)}`, { label: 'remove the configuration' });

describe('the configuration of k3s on a host that is reset', () => {
  it('goes, with the folders that nobody has put anything into', async () => {
    await remove();
    expect(existsSync(folder)).toBe(false);
    await remove();
  });

  it('keeps the settings of an administrator', async () => {
    writeFileSync(join(folder, 'config.yaml.d', 'own.yaml'), 'debug: true');
    await remove();
    await remove();
    expect(readdirSync(folder)).toEqual(['config.yaml.d']);
    expect(readdirSync(join(folder, 'config.yaml.d'))).toEqual(['own.yaml']);
  });

  it('is taken off by a script that is valid for a POSIX shell', async () => expect(await grammarProblems(removeK3s)).toBe(''));
});
