import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debEntries, debName, writeDeb } from './deb.ts';
import type { Entry } from './tar.ts';
import { sumsOf } from './sums.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-deb-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A stand-in of a release: a command that says where it was found. */
const server: Entry[] = [
  { path: 'bin/muster', mode: 0o755, content: Buffer.from('#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/../lib/main.js"\n') },
  { path: 'lib/main.js', mode: 0o644, content: Buffer.from('the program\n') },
];
const control = { version: '1.2.3', architecture: 'x64' } as const;

async function made(name: string): Promise<string> {
  const archive = join(folder, 'muster-agent-1.2.3-x64.tar.gz');
  writeFileSync(archive, 'an archive');
  writeFileSync(`${archive}.sha256`, 'its checksum');
  const file = join(folder, name);
  await writeDeb(file, debEntries(server, [archive]), control);
  return file;
}

const dpkgDeb = (...words: string[]): string => execFileSync('dpkg-deb', words, { encoding: 'utf8' });

describe('the Debian package', () => {
  it('says what it is', async () => {
    const info = dpkgDeb('--info', await made(debName(control)));
    expect(debName(control)).toBe('muster_1.2.3_amd64.deb');
    for (const line of ['Package: muster', 'Version: 1.2.3', 'Architecture: amd64', 'Depends: libc6 (>= 2.28), tar'])
      expect(info).toContain(line);
  });

  it('belongs to root, and has the command and what it installs on hosts', async () => {
    const contents = dpkgDeb('--contents', await made('contents.deb'));
    expect(contents).toMatch(/^-rwxr-xr-x root\/root .* \.\/usr\/lib\/muster\/bin\/muster$/mu);
    expect(contents).toMatch(/^-rw-r--r-- root\/root .* \.\/usr\/lib\/muster\/dist\/muster-agent-1\.2\.3-x64\.tar\.gz$/mu);
    expect(contents).toContain('./usr/lib/muster/dist/muster-agent-1.2.3-x64.tar.gz.sha256');
    expect(contents).toContain('./usr/bin/muster -> ../lib/muster/bin/muster');
    expect(contents).not.toMatch(/^d.w..w/mu);
  });

  it('has a command that runs from where it is installed', async () => {
    dpkgDeb('--extract', await made('run.deb'), join(folder, 'installed'));
    expect(execFileSync(join(folder, 'installed/usr/bin/muster'), { encoding: 'utf8' })).toBe('the program\n');
  });

  it('is the same bytes when made twice', async () => {
    const [one, two] = [await made('one.deb'), await made('two.deb')];
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  });
});

describe('SHA256SUMS', () => {
  it('is what sha256sum -c takes', async () => {
    writeFileSync(join(folder, 'a'), 'a');
    writeFileSync(join(folder, 'b'), 'b');
    const sums = await sumsOf([join(folder, 'b'), join(folder, 'a')]);
    expect(sums.split('\n')[0]).toBe(`${createHash('sha256').update('a').digest('hex')}  a`);
    writeFileSync(join(folder, 'SHA256SUMS'), sums);
    expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' })).toBe('a: OK\nb: OK\n');
  });
});
