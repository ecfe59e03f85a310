import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Context, contextFile, contextNamed, type Contexts, readContexts, writeContexts } from './context-file.ts';

const lab: Context = { url: 'https://10.0.0.1:7420', authorityPem: 'PEM', credential: { kind: 'key', key: 'muster_x', name: 'ci' } };
const some: Contexts = { current: 'lab', contexts: { lab } };

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-contexts-'));
  path = join(folder, 'muster', 'contexts.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the file of contexts', () => {
  it('is where a person’s settings are', () => {
    expect(contextFile({ XDG_CONFIG_HOME: '/x', HOME: '/home/ada' })).toBe('/x/muster/contexts.json');
    expect(contextFile({ HOME: '/home/ada' })).toBe('/home/ada/.config/muster/contexts.json');
    for (const ignored of ['', 'relative'])
      expect(contextFile({ XDG_CONFIG_HOME: ignored, HOME: '/h' })).toBe('/h/.config/muster/contexts.json');
    expect(contextFile({})).toMatch(/^\/.*\.config\/muster\/contexts\.json$/u);
  });

  it('is read as it was written, by its owner only, and nothing else is left beside it', async () => {
    expect(await readContexts(path)).toEqual({ current: null, contexts: {} });
    await writeContexts(path, some);
    await writeContexts(path, { ...some, current: null });
    expect(await readContexts(path)).toEqual({ ...some, current: null });
    expect([statSync(path).mode & 0o777, statSync(join(folder, 'muster')).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readdirSync(join(folder, 'muster'))).toEqual(['contexts.json']);
  });

  it.each([0o640, 0o604, 0o666])('is not used when others may read it: %o', async (mode) => {
    await writeContexts(path, some);
    chmodSync(path, mode);
    await expect(readContexts(path)).rejects.toThrow(/others may read it\. Run: chmod 600/u);
  });

  it.each(['', '{', '[]', '{"current":1,"contexts":{}}', '{"current":null,"contexts":{"a":{"url":1}}}'])(
    'that is damaged is said: %s',
    async (text) => {
      mkdirSync(join(folder, 'muster'));
      writeFileSync(path, text, { mode: 0o600 });
      await expect(readContexts(path)).rejects.toThrow(/cannot be read as Muster's contexts/u);
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  it('that cannot be written is said, and the one before is still there', async () => {
    await writeContexts(path, some);
    // A folder in the place of the file can be replaced by nobody.
    const blocked = join(folder, 'blocked');
    mkdirSync(join(blocked, 'inside'), { recursive: true });
    await expect(writeContexts(blocked, some)).rejects.toThrow(/cannot be written/u);
    expect(readdirSync(folder).toSorted()).toEqual(['blocked', 'muster']);
    expect(await readContexts(path)).toEqual(some);
  });
});

describe('a context', () => {
  it('is found by its name', () => expect(contextNamed(some, 'lab')).toBe(lab));

  it.each(['other', '__proto__', 'toString', ''])('that is not there is an error that names those there are: %s', (name) => {
    expect(() => contextNamed(some, name)).toThrow(/There is no context .*\. There are: lab\./u);
    expect(() => contextNamed({ current: null, contexts: {} }, name)).toThrow(/muster login URL/u);
  });
});
