import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Context, contextFile, writeContexts } from './context-file.ts';
import { findWay, readKeyFile } from './find-way.ts';

const home = process.cwd();
let folder = '';
let environment: Record<string, string> = {};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-way-'));
  environment = { XDG_CONFIG_HOME: folder };
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

const context = (url: string, key: string): Context => ({ url, authorityPem: null, credential: { kind: 'key', key, name: 'ci' } });
const keep = (current: string | null) =>
  writeContexts(contextFile(environment), {
    current,
    contexts: {
      one: context('https://one', 'k1'),
      two: { ...context('https://two', 'k2'), authorityPem: 'PEM' },
      person: { ...context('https://three', ''), credential: { kind: 'session', cookie: 'a=b', name: 'ada' } },
      out: { ...context('https://four', ''), credential: null },
    },
  });
const remote = (url: string, key: string) => ({
  kind: 'remote',
  url,
  authorityPem: undefined,
  headers: { authorization: `Bearer ${key}` },
});

describe('the server a command is meant for', () => {
  it('is the one named first in the order of the options, the variables, the context in use, and the socket', async () => {
    await keep('one');
    const variables = { ...environment, MUSTER_SOCKET: '/v.sock', MUSTER_URL: 'https://url', MUSTER_API_KEY: 'k', MUSTER_CONTEXT: 'two' };
    expect(await findWay({ socket: '/o.sock' }, variables)).toEqual({ kind: 'socket', socketPath: '/o.sock' });
    expect(await findWay({ context: 'one' }, variables)).toEqual(remote('https://one', 'k1'));
    expect(await findWay({}, variables)).toEqual({ kind: 'socket', socketPath: '/v.sock' });
    expect(await findWay({}, { ...variables, MUSTER_SOCKET: '' })).toEqual(remote('https://url', 'k'));
    expect(await findWay({}, { ...environment, MUSTER_CONTEXT: 'two' })).toEqual({ ...remote('https://two', 'k2'), authorityPem: 'PEM' });
    expect(await findWay({}, environment)).toEqual(remote('https://one', 'k1'));
    expect(await findWay({ context: 'person' }, environment)).toMatchObject({ headers: { cookie: 'a=b' } });
    await keep(null);
    writeFileSync('other.sock', '');
    await expect(findWay({}, environment)).rejects.toThrow(/No Muster server runs here/u);
  });

  it('is never another one than the one that was named', async () => {
    await keep('one');
    await expect(findWay({ context: 'nothing' }, environment)).rejects.toThrow(
      /There is no context nothing\. There are: one, two, person, out\./u,
    );
    await expect(findWay({}, { ...environment, MUSTER_CONTEXT: 'nothing' })).rejects.toThrow(/no context nothing/u);
    await expect(findWay({ context: 'out' }, environment)).rejects.toThrow(/Nobody is signed in .*muster login https:\/\/four --name out/u);
    await expect(findWay({ socket: '/x', context: 'one' }, environment)).rejects.toMatchObject({ exitCode: 2 });
    await expect(findWay({}, { ...environment, MUSTER_URL: 'https://url' })).rejects.toThrow(/MUSTER_API_KEY_FILE or MUSTER_API_KEY/u);
    await expect(findWay({}, { ...environment, MUSTER_URL: 'http://10.0.0.1', MUSTER_API_KEY: 'k' })).rejects.toThrow(
      /without encryption/u,
    );
    const short = { ...environment, MUSTER_URL: 'https://url', MUSTER_API_KEY: 'k', MUSTER_CA_FINGERPRINT: 'abc' };
    await expect(findWay({}, short)).rejects.toThrow(/is not a fingerprint/u);
  });
});

describe('a key in a file', () => {
  it('is one word', async () => {
    writeFileSync('key', 'muster_abc\n');
    expect(await readKeyFile('key')).toBe('muster_abc');
    expect(await findWay({}, { ...environment, MUSTER_URL: 'https://url', MUSTER_API_KEY_FILE: join(folder, 'key') })).toEqual(
      remote('https://url', 'muster_abc'),
    );
  });

  it.each(['', '\n', 'two words', 'a\nb', '\u00e4'])('is not %j', async (text) => {
    writeFileSync('key', text);
    await expect(readKeyFile('key')).rejects.toThrow(/does not hold an API key/u);
  });

  it('that is not there is said', async () => {
    await expect(readKeyFile('nothing')).rejects.toThrow(/The key cannot be read: .*nothing/u);
  });
});
