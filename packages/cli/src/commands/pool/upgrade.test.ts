import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runMuster } from '../../../test/run-muster.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-upgrade-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function upgrade(inventory: string, ...words: string[]) {
  const path = join(folder, 'inv.ini');
  writeFileSync(path, inventory);
  return runMuster('pool', 'upgrade', '-i', path, ...words);
}

describe('muster pool upgrade', () => {
  it('is not for a single server, which nobody stands in for', async () => {
    const { code, stderr } = await upgrade('[driver]\nm1\n[worker]\nn1\n', '--yes');
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('The inventory has no pool: there is one management server, which "muster apply" upgrades'),
    ]);
  });

  it('says what goes where, and asks before', async () => {
    const { code, stdout, stderr } = await upgrade('[management]\nm1\nm2\n[witness]\nw1\n');
    expect(stdout).toBe('Muster 0.1.0 to m1, m2: one after the other, the primary of the database last.\n');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Nothing was changed. Say --yes.')]);
  });
});
