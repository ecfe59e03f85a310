import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { chooseMirror, parseDeb822Sources, parseListSources, readAptSources } from './apt-mirror.ts';

describe('parseListSources', () => {
  it('reads deb lines with options, components and comments, and nothing else', () => {
    const text = [
      '# deb http://commented.example/debian bookworm main',
      'deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib # ours',
      'deb-src http://mirror.example/debian bookworm main',
      '',
      '  deb   https://flat.example/repo/   ./',
    ].join('\n');
    expect(parseListSources(text)).toEqual([
      { uri: 'http://mirror.example/debian', suites: ['bookworm'], components: ['main', 'contrib'] },
      { uri: 'https://flat.example/repo/', suites: ['./'], components: [] },
    ]);
  });
});

describe('parseDeb822Sources', () => {
  it('reads every URI of every enabled binary stanza, with folded fields and comments inside', () => {
    const text = [
      '# head',
      'Types: deb deb-src',
      'URIs: http://a.example/debian http://b.example/debian',
      '# between',
      'Suites: bookworm',
      ' bookworm-updates',
      'Components: main',
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
      '',
      'Types: deb-src',
      'URIs: http://source.example/debian',
      'Suites: bookworm',
      '',
      'Types: deb',
      'Enabled: no',
      'URIs: http://off.example/debian',
      'Suites: bookworm',
    ].join('\n');
    const suites = ['bookworm', 'bookworm-updates'];
    expect(parseDeb822Sources(text)).toEqual([
      { uri: 'http://a.example/debian', suites, components: ['main'] },
      { uri: 'http://b.example/debian', suites, components: ['main'] },
    ]);
  });
});

describe('chooseMirror', () => {
  const other = { uri: 'https://tools.example/apt', suites: ['bookworm'], components: ['tools'] };
  const trixie = { uri: 'http://new.example/debian/', suites: ['trixie'], components: ['main'] };
  const bookworm = { uri: 'http://old.example/archive', suites: ['bookworm'], components: ['main'] };
  const disc = { uri: 'cdrom:[Debian]/', suites: ['bookworm'], components: ['main'] };

  it('prefers the archive that carries the suite', () => {
    expect(chooseMirror([disc, other, trixie, bookworm], 'bookworm')).toBe(bookworm.uri);
  });

  it('takes the Debian archive of another suite, and makes up none where there is none', () => {
    expect(chooseMirror([disc, other, trixie], 'bookworm')).toBe(trixie.uri);
    expect(() => chooseMirror([disc, other], 'bookworm')).toThrow('names no Debian archive');
  });
});

describe('readAptSources', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-apt-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('reads sources.list and both kinds in sources.list.d, and skips other files', () => {
    mkdirSync(join(folder, 'sources.list.d'), { recursive: true });
    writeFileSync(join(folder, 'sources.list'), 'deb http://one.example/debian bookworm main\n');
    writeFileSync(join(folder, 'sources.list.d/b.list'), 'deb http://two.example/x stable main\n');
    writeFileSync(join(folder, 'sources.list.d/a.sources'), 'Types: deb\nURIs: http://three.example/y\nSuites: s\nComponents: c\n');
    writeFileSync(join(folder, 'sources.list.d/c.list.save'), 'deb http://four.example/z stable main\n');
    const uris = readAptSources(folder).map((source) => source.uri);
    expect(uris).toEqual(['http://one.example/debian', 'http://three.example/y', 'http://two.example/x']);
  });

  it('is empty where apt is not set up', () => {
    expect(readAptSources(folder)).toEqual([]);
  });
});
