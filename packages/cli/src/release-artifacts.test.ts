import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedArtifacts, readArtifacts } from './release-artifacts.ts';
import { version } from './version.ts';

describe('what there is to install', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-dist-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = (name: string, checksum: string | undefined = `${'a'.repeat(64)}  ${name}\n`) => {
    writeFileSync(join(folder, name), '');
    if (checksum !== '') writeFileSync(join(folder, `${name}.sha256`), checksum);
  };

  it('is read by kind and architecture, with its checksum', () => {
    put(`muster-server-${version}-x64.tar.gz`);
    put(`muster-agent-${version}-x64.tar.gz`);
    put(`muster-agent-${version}-arm64.tar.gz`);
    put('notes.txt');
    const artifact = (name: string) => ({ path: join(folder, name), sha256: 'a'.repeat(64), version });
    expect(readArtifacts(folder)).toEqual({
      server: { x64: artifact(`muster-server-${version}-x64.tar.gz`) },
      agent: { x64: artifact(`muster-agent-${version}-x64.tar.gz`), arm64: artifact(`muster-agent-${version}-arm64.tar.gz`) },
    });
  });

  it('is of this version, whatever earlier builds have left', () => {
    for (const other of ['0.0.9', version, '9.9.9']) put(`muster-agent-${other}-x64.tar.gz`);
    expect(readArtifacts(folder).agent.x64?.version).toBe(version);
  });

  it.each([
    ['no folder', () => rmSync(folder, { recursive: true })],
    ['an empty folder', () => undefined],
    ['another version', () => put('muster-agent-9.9.9-x64.tar.gz')],
    ['only a server', () => put(`muster-server-${version}-x64.tar.gz`)],
  ])('is missed with the way out: %s', (_what, prepare) => {
    prepare();
    expect(() => readArtifacts(folder)).toThrow(`There is nothing of version ${version} to install in ${folder}. Run "npm run build"`);
  });

  it.each(['', 'short', `${'A'.repeat(64)}  x`])('is not taken with the checksum %j', (checksum) => {
    put(`muster-agent-${version}-x64.tar.gz`, checksum);
    expect(() => readArtifacts(folder)).toThrow(/^The checksum of .* is missing or damaged/u);
  });
});

describe('what a management server that apply has installed can install', () => {
  let opt = '';
  beforeEach(() => {
    opt = mkdtempSync(join(tmpdir(), 'muster-opt-'));
    for (const program of ['muster', 'muster-agent']) mkdirSync(join(opt, program));
  });
  afterEach(() => rmSync(opt, { recursive: true, force: true }));
  const places = () => ({ opt, staging: '/var/cache/muster' });
  const mark = (program: string, text: string) => writeFileSync(join(opt, program, '.artifact'), text);

  it('is what it was itself installed from, by the name that apply keeps it under', () => {
    mark('muster', `${'a'.repeat(64)}\n`);
    mark('muster-agent', `${'b'.repeat(64)}\n`);
    const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
    const artifact = (letter: string) => ({ path: `/var/cache/muster/${letter.repeat(64)}.tar.gz`, sha256: letter.repeat(64), version });
    expect(installedArtifacts(places())).toEqual({ server: { [architecture]: artifact('a') }, agent: { [architecture]: artifact('b') } });
  });

  it.each(['', 'what; touch owned'])('is nothing where a release does not say what it is: %j', (text) => {
    mark('muster', `${'a'.repeat(64)}\n`);
    mark('muster-agent', text);
    expect(() => installedArtifacts(places())).toThrow(`${opt}/muster-agent/.artifact does not say of what release it is`);
  });
});
