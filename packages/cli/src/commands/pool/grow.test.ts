import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runMuster } from '../../../test/run-muster.ts';

const hosts = 'm1 ansible_host=127.0.0.1\nm2\nm3\nw1\nw2\n\n[worker]\nn1\n';
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-grow-'));
  path = join(folder, 'inv.ini');
  writeFileSync(path, hosts);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pool = (...words: string[]) => runMuster('pool', ...words, '-i', path);
const text = () => readFileSync(path, 'utf8');

describe('muster pool init and add', () => {
  it('say what they would write, and write nothing', async () => {
    const { code, stdout } = await pool('init', 'm1', 'm2', '--witness', 'w1', '--dry-run');
    expect([code, stdout]).toEqual([0, `${path}: [management] gets m1, m2\n${path}: [witness] gets w1\n`]);
    expect(text()).toBe(hosts);
  });

  it('ask before, and write nothing without a yes', async () => {
    const { code, stderr } = await pool('init', 'm1', 'm2', '--witness', 'w1');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Nothing was changed. Say --yes.')]);
    expect(text()).toBe(hosts);
  });

  it.each([
    [['init', 'm1', 'm2'], /Two full members plus a witness is the smallest pool/u],
    [['init', 'm1', 'm9', '--witness', 'w8'], /has no m9, w8\. Give each a line there first.*m9 ansible_host=ADDRESS/u],
    [['init', 'm1', 'm2', 'm1'], /m1 is named twice/u],
    [['init', 'm1', 'm2', '--witness', 'm2'], /m2 is named twice/u],
    [['add', 'm3', 'w2'], /no group \[management\].*muster pool init/u],
  ])('refuse %j before anything is written', async (words, said) => {
    const { code, stderr } = await pool(...words, '--yes');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(said);
    expect(text()).toBe(hosts);
  });

  it('refuse what is in the pool already, a second pool, and an even number of voters', async () => {
    const pooled = `${hosts}\n[management]\nm1\nm2\n\n[witness]\nw1\n`;
    writeFileSync(path, pooled);
    for (const [words, said] of [
      [['init', 'm1', 'm2', 'm3'], /names a pool already: m1, m2, w1.*muster pool add/u],
      [['add', 'm2', 'm3'], /In the pool already: m2/u],
      [['add', 'm3'], /would have 4 voters.*one machine more or one fewer/u],
    ] as const) {
      const { code, stderr } = await pool(...words, '--yes');
      expect([code === 0, stderr]).toEqual([false, expect.stringMatching(said)]);
    }
    expect(text()).toBe(pooled);
    expect((await pool('add', 'm3', 'w2', '--dry-run')).stdout).toBe(`${path}: [management] gets m3, w2\n`);
  });

  it('change no program and no YAML, and say what to add by hand', async () => {
    const program = join(folder, 'inv.sh');
    writeFileSync(program, `#!/bin/sh\necho '{"all": {"hosts": ["m1", "m2", "w1"]}}'\n`);
    chmodSync(program, 0o755);
    const { code, stderr } = await runMuster('pool', 'init', 'm1', 'm2', '--witness', 'w1', '--yes', '-i', program);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/to the group management: m1, m2; to the group witness: w1/u)]);
  });
});
