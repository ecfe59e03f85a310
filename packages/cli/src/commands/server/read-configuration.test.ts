import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMuster } from '../../../test/run-muster.ts';
import { configurationSources } from './read-configuration.ts';

describe('the configuration', () => {
  const home = process.cwd();
  let folder = '';
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-config-')));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  it('comes from the file that is named, else from the one of the environment, else from this folder', () => {
    for (const name of ['named.yaml', 'variable.yaml', 'muster.yaml']) writeFileSync(name, `# ${name}`);
    const environment = { MUSTER_CONFIG: 'variable.yaml' };
    expect(configurationSources('named.yaml', environment)).toEqual({ file: { path: 'named.yaml', text: '# named.yaml' }, environment });
    expect(configurationSources(undefined, environment).file?.path).toBe('variable.yaml');
    expect(configurationSources(undefined, {}).file?.path).toBe('muster.yaml');
  });

  it('that is named must be there', () => {
    expect(() => configurationSources('other.yaml', {})).toThrow(/^The configuration other\.yaml cannot be read: ENOENT/u);
    expect(() => configurationSources(undefined, { MUSTER_CONFIG: folder })).toThrow(/cannot be read: EISDIR/u);
  });

  it('is printed with file and environment in force, and a mistake in it is one clear line', async () => {
    writeFileSync('muster.yaml', 'http: { port: 8123 }\n');
    const good = await startMuster(['config', 'print'], '', { cwd: folder, env: { MUSTER_AGENTS_PORT: '8124' } });
    expect([good.code, good.stderr]).toEqual([0, '']);
    expect(good.stdout).toMatch(/port: 8123[^]*port: 8124/u);
    writeFileSync('muster.yaml', 'htpp: { port: 8123 }\n');
    const bad = await startMuster(['config', 'print'], '', { cwd: folder });
    expect(bad).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('did you mean "http"') });
    expect(bad.stderr.trim().split('\n')).toHaveLength(1);
    // Two whole programs are started.
  }, 60_000);
});
