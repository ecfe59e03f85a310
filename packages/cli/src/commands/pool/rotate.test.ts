import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runMuster } from '../../../test/run-muster.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-rotate-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function rotate(inventory: string, ...words: string[]) {
  const path = join(folder, 'inv.ini');
  writeFileSync(path, inventory);
  return runMuster('pool', 'rotate', '-i', path, ...words);
}

describe('muster pool rotate', () => {
  it('is not for a single server', async () => {
    const { code, stderr } = await rotate('[driver]\nm1\n[worker]\nn1\n', '--yes');
    expect([code, stderr]).toEqual([2, expect.stringContaining('The inventory has no pool that Muster makes')]);
  });

  it('asks before', async () => {
    const { code, stderr } = await rotate('[management]\nm1\nm2\n[witness]\nw1\n');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Nothing was changed. Say --yes.')]);
  });
});
