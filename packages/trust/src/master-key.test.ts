import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestFolder } from '../test/authority-fixture.ts';
import { loadMasterKey, loadOrCreateMasterKey } from './master-key.ts';

describe('the master key', () => {
  it('is made once: 32 bytes, mode 0600, nothing left beside it', async () => {
    using folder = new TestFolder();
    const path = join(folder.path, 'deep', 'master.key');
    const made = await loadOrCreateMasterKey(path);
    expect([statSync(path).mode & 0o777, statSync(path).size]).toEqual([0o600, 32]);
    expect(statSync(join(folder.path, 'deep')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder.path, 'deep'))).toEqual(['master.key']);
    const again = await loadOrCreateMasterKey(path);
    expect(again.id).toBe(made.id);
    expect(again.key.equals(made.key)).toBe(true);
  });

  it('is the same for all who come at the same moment', async () => {
    using folder = new TestFolder();
    const path = join(folder.path, 'master.key');
    const keys = await Promise.all(Array.from({ length: 20 }, async () => await loadOrCreateMasterKey(path)));
    expect(new Set(keys.map((key) => key.id)).size).toBe(1);
    expect(readdirSync(folder.path)).toEqual(['master.key']);
  });

  it('does not show itself', async () => {
    using folder = new TestFolder();
    const path = join(folder.path, 'master.key');
    const made = await loadOrCreateMasterKey(path);
    const bytes = readFileSync(path);
    for (const shown of [inspect(made, { depth: 9, showHidden: true }), JSON.stringify(made), made.id]) {
      expect(shown).not.toContain(bytes.toString('hex').slice(0, 8));
      expect(shown).not.toContain(bytes.toString('base64').slice(0, 8));
    }
  });

  it.each([0o640, 0o604, 0o620, 0o777])('is refused with mode %o, with the line that mends it', async (mode) => {
    using folder = new TestFolder();
    const path = join(folder.path, "it's.key");
    writeFileSync(path, Buffer.alloc(32));
    chmodSync(path, mode);
    const refused = loadOrCreateMasterKey(path);
    await expect(refused).rejects.toMatchObject({ code: 'master-key-exposed' });
    await expect(refused).rejects.toThrow(String.raw`Run: chmod 600 '${folder.path}/it'\''s.key'.`);
  });

  it.each([0, 31, 33])('is refused with %d bytes, and left as it is', async (size) => {
    using folder = new TestFolder();
    const path = folder.file('master.key', Buffer.alloc(size));
    await expect(loadOrCreateMasterKey(path)).rejects.toMatchObject({ code: 'master-key-damaged' });
    expect(statSync(path).size).toBe(size);
  });

  it('is not made where only an existing one will do', async () => {
    using folder = new TestFolder();
    const path = join(folder.path, 'master.key');
    await expect(loadMasterKey(path)).rejects.toMatchObject({ code: 'master-key-missing', what: expect.stringContaining(path) });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('is not taken from what is no file, and does not wait for it', async () => {
    using folder = new TestFolder();
    const inFolder = join(folder.path, 'folder');
    mkdirSync(inFolder, { mode: 0o700 });
    await expect(loadOrCreateMasterKey(inFolder)).rejects.toMatchObject({ code: 'master-key-damaged' });
    const loop = join(folder.path, 'loop');
    symlinkSync(loop, loop);
    await expect(loadOrCreateMasterKey(loop)).rejects.toMatchObject({
      code: 'master-key-unusable',
      what: expect.stringContaining('ELOOP'),
    });
    const below = join(folder.file('file', ''), 'master.key');
    await expect(loadOrCreateMasterKey(below)).rejects.toMatchObject({
      code: 'master-key-unusable',
      what: expect.stringContaining('ENOTDIR'),
    });
  });
});
