import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeKey, readPublicKey, runProgram } from '../test/run-program.ts';
import { testFolder } from '../test/test-folder.ts';
import { hashHostName, type KnownHostsLine, knownHostsName, lineMatches, matchesPattern, parseKnownHosts } from './known-hosts-line.ts';

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIIIfKBYjbmTMVuWbyD9UTwHaOsGfEuAbbpIPNwCWN8Ax';

function lineFor(hosts: string): KnownHostsLine {
  const [line] = parseKnownHosts(`${hosts} ssh-ed25519 ${KEY}`, 'file');
  if (line === undefined) {
    throw new Error(`no line for ${hosts}`);
  }
  return line;
}

describe('a file', () => {
  test('keeps its line numbers across comments, blank and damaged lines', () => {
    const text = [
      '# comment',
      '',
      `a ssh-ed25519 ${KEY} a comment here`,
      'b ssh-ed25519 not-base64',
      `c ssh-rsa ${KEY}`,
      'd 1024 35 12345678901234567890',
      `\t e,f   ssh-ed25519\t${KEY}\r`,
      `@revoked * ssh-ed25519 ${KEY}`,
      `@cert-authority *.example.org ssh-ed25519 ${KEY}`,
      `@unheard-of * ssh-ed25519 ${KEY}`,
      `last ssh-ed25519 ${KEY}`,
    ].join('\n');
    const lines = parseKnownHosts(text, '/k');
    expect(lines.map((line) => [line.lineNumber, line.marker, line.hosts])).toEqual([
      [3, 'none', 'a'],
      [7, 'none', 'e,f'],
      [8, 'revoked', '*'],
      [9, 'certAuthority', '*.example.org'],
      [11, 'none', 'last'],
    ]);
    expect(lines[0]).toMatchObject({ file: '/k', keyType: 'ssh-ed25519', key: Buffer.from(KEY, 'base64') });
  });

  test('that is empty holds nothing', () => {
    expect(parseKnownHosts('', '/k')).toEqual([]);
  });
});

describe('names', () => {
  test.each([
    ['Node1.Example.ORG', 22, 'node1.example.org'],
    ['10.0.0.1', 2222, '[10.0.0.1]:2222'],
    ['FE80::1', 22, 'fe80::1'],
    ['::1', 2022, '[::1]:2022'],
  ])('%s port %d is %s', (address, port, name) => {
    expect(knownHostsName(address, port)).toBe(name);
  });
});

describe('patterns', () => {
  test.each([
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*c', 'acb', false],
    ['?', 'a', true],
    ['?', '', false],
    ['*', '', true],
    ['**a**', 'a', true],
    ['a.b', 'aXb', false],
    ['[10.0.0.?]:22*', '[10.0.0.7]:2200', true],
    ['[a-z]', 'b', false],
  ])('%s on %s: %s', (pattern, name, matches) => {
    expect(matchesPattern(pattern, name)).toBe(matches);
  });

  test('one made to stall a matcher does not', () => {
    const startedAtMs = performance.now();
    expect(matchesPattern('*a'.repeat(50), 'a'.repeat(5000).replace(/a$/, 'b'))).toBe(false);
    expect(performance.now() - startedAtMs).toBeLessThan(500);
  });

  test('in a list: any may match, a negated one wins', () => {
    expect(lineMatches(lineFor('a,b,*.org'), 'x.org')).toBe(true);
    expect(lineMatches(lineFor('*.org,!bad.org'), 'bad.org')).toBe(false);
    expect(lineMatches(lineFor('!bad.org,*.org'), 'bad.org')).toBe(false);
    expect(lineMatches(lineFor('!bad.org'), 'good.org')).toBe(false);
    expect(lineMatches(lineFor('Node1'), 'node1')).toBe(true);
  });
});

describe('hashed names', () => {
  test('match their own host only', () => {
    const line = lineFor(hashHostName('[node1]:2222', Buffer.alloc(20, 7)));
    expect(lineMatches(line, '[node1]:2222')).toBe(true);
    expect(lineMatches(line, 'node1')).toBe(false);
  });

  test.each(['|1|', '|2|aaaa|bbbb', '|1|salt', '|1|AAAA|'])('%s matches nothing', (hosts) => {
    expect(lineMatches(lineFor(hosts), 'node1')).toBe(false);
  });
});

test('ssh-keygen finds the same lines, hashed or not', async () => {
  const folder = await testFolder();
  const key = (await readPublicKey(await makeKey(folder, 'key'))).toString('base64');
  const hosts = ['plain', 'one,two', '10.0.0.1', '[10.0.0.1]:2222', '*.example.org,!bad.example.org', 'node?', '[2001:db8::1]:2022'];
  const names = [
    'plain',
    'two',
    '10.0.0.1',
    '[10.0.0.1]:2222',
    'x.example.org',
    'bad.example.org',
    'node1',
    'node12',
    '[2001:db8::1]:2022',
    'unknown',
  ];
  for (const isHashed of [false, true]) {
    const file = join(folder, `known_hosts_${isHashed}`);
    await writeFile(file, hosts.map((host) => `${host} ssh-ed25519 ${key}\n`).join(''));
    if (isHashed) {
      await runProgram('ssh-keygen', ['-q', '-H', '-f', file]);
    }
    const lines = parseKnownHosts(await runProgram('cat', [file]), file);
    for (const name of names) {
      const found = await runProgram('ssh-keygen', ['-F', name, '-f', file]).catch(() => '');
      const theirs = [...found.matchAll(/found: line (\d+)/g)].map((match) => Number(match[1]));
      const ours = lines.filter((line) => lineMatches(line, name)).map((line) => line.lineNumber);
      expect({ name, isHashed, lines: ours }).toEqual({ name, isHashed, lines: theirs });
    }
  }
});
