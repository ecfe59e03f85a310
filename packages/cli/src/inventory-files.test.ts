import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inventoryFiles } from './inventory-files.ts';

describe('the files of an inventory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-inventory-'));
  mkdirSync(join(folder, 'group_vars'));
  writeFileSync(join(folder, 'hosts'), 'web1\n');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are read, and folders listed; what is not there is neither', () => {
    expect(Buffer.from(inventoryFiles.read(join(folder, 'hosts')) ?? '').toString()).toBe('web1\n');
    expect(inventoryFiles.list(folder)?.toSorted()).toEqual(['group_vars', 'hosts']);
    expect([inventoryFiles.read(folder), inventoryFiles.list(join(folder, 'hosts'))]).toEqual([undefined, undefined]);
    expect([inventoryFiles.read(join(folder, 'x')), inventoryFiles.list(join(folder, 'x'))]).toEqual([undefined, undefined]);
  });
});
