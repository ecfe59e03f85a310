import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { listPackages } from './list-packages.ts';

function prefixWith(files: Record<string, string>): string {
  const prefix = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(prefix, path)), { recursive: true });
    writeFileSync(join(prefix, path), text);
  }
  return prefix;
}

const conda = (name: string, change: object = {}): string =>
  JSON.stringify({ name, version: '1.0', build: 'h1', channel: 'main', url: `https://c/${name}.conda`, md5: 'ff', ...change });
const python = (name: string) => `lib/python3.11/site-packages/${name}.dist-info/METADATA`;

describe('the packages in an environment', () => {
  it('are those of conda and those of pip, each once, and a lock of them', async () => {
    const prefix = prefixWith({
      'conda-meta/zlib-1.0.json': conda('zlib'),
      'conda-meta/numpy-1.0.json': conda('numpy', { md5: '' }),
      'conda-meta/history': 'not a package',
      [python('numpy-1.0')]: '',
      [python('Flask_Cors-4.0.1')]: '',
    });
    expect(await listPackages(prefix, 7)).toEqual({
      version: 7,
      packages: [
        { name: 'Flask_Cors', version: '4.0.1', source: 'pip' },
        { name: 'numpy', version: '1.0', source: 'h1 main' },
        { name: 'zlib', version: '1.0', source: 'h1 main' },
      ],
      truncated: false,
      lock: '@EXPLICIT\nhttps://c/numpy.conda\nhttps://c/zlib.conda#ff\n# pip: Flask_Cors==4.0.1\n',
    });
  });

  it('are pins where there is no conda, and nothing where there is nothing', async () => {
    expect((await listPackages(prefixWith({ [python('hello-1.0')]: '' }), 1)).lock).toBe('hello==1.0\n');
    expect(await listPackages(temporaryFolder(), 1)).toEqual({ version: 1, packages: [], truncated: false, lock: '' });
  });

  it('pass over what is no record, and what leads somewhere else', async () => {
    const prefix = prefixWith({
      'conda-meta/a.json': '{',
      'conda-meta/b.json': 'null',
      'conda-meta/c.json': '{"name": 7}',
      'conda-meta/good.json': conda('good'),
    });
    writeFileSync(join(prefix, 'outside'), conda('secret'));
    symlinkSync('../outside', join(prefix, 'conda-meta/link.json'));
    mkdirSync(join(prefix, 'conda-meta/folder.json'));
    execFileSync('mkfifo', [join(prefix, 'conda-meta/pipe.json')]);
    expect((await listPackages(prefix, 1)).packages.map(({ name }) => name)).toEqual(['good']);
  });

  it('cannot begin a line of their own in a lock', async () => {
    const { lock } = await listPackages(prefixWith({ 'conda-meta/x.json': conda('x', { url: 'https://c/x\n--index-url evil' }) }), 1);
    expect(lock).toBe('@EXPLICIT\nhttps://c/x --index-url evil#ff\n');
  });

  it('are bounded', async () => {
    const many = Object.fromEntries(['a', 'b', 'c'].map((name) => [`conda-meta/${name}.json`, conda(name)]));
    const listing = await listPackages(prefixWith(many), 1, { packages: 2, lockBytes: 50 });
    expect([listing.packages.length, listing.truncated, listing.lock]).toEqual([2, true, '']);
  });
});
