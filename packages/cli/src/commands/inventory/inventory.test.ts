import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runMuster } from '../../../test/run-muster.ts';

let folder: string;
let hosts: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-inventory-'));
  hosts = join(folder, 'hosts');
  writeFileSync(hosts, 'lone\n[web]\nweb1 a=1\n[web:vars]\nv=1.0\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const inventory = (...args: string[]) => runMuster('inventory', '-i', hosts, ...args);

describe('muster inventory', () => {
  it('lists', async () => {
    const { code, stdout, stderr } = await inventory('--list');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ _meta: { hostvars: { web1: { a: 1, v: 1 } } }, web: { hosts: ['web1'] } });
    expect(JSON.parse((await inventory('--list', '--export')).stdout)).toMatchObject({ web: { vars: { v: 1 } } });
  });

  it('shows one host', async () => {
    expect(await inventory('--host', 'web1')).toEqual({ code: 0, stdout: '{\n    "a": 1,\n    "v": 1.0\n}\n', stderr: '' });
    const { code, stdout, stderr } = await inventory('--host', 'web2');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error: the inventory has no host web2.');
  });

  it('draws', async () => {
    expect((await inventory('--graph')).stdout).toBe('@all:\n  |--@ungrouped:\n  |  |--lone\n  |--@web:\n  |  |--web1\n');
    expect((await inventory('--graph', '--vars', 'web')).stdout).toContain('|--{v = 1.0}');
    expect(await inventory('--graph', 'wbe')).toMatchObject({ code: 1, stdout: '' });
  });

  it('warns of a name that is both, on standard error', async () => {
    writeFileSync(join(folder, 'both'), '[web]\nweb\n');
    const { code, stderr } = await runMuster('inventory', '-i', join(folder, 'both'), '--list');
    expect([code, stderr]).toEqual([0, 'warning: web is both a host and a group; its variables go to the group\n']);
  });

  it('takes extra variables, which beat all others', async () => {
    writeFileSync(join(folder, 'extra.yml'), 'v: file\nansible_sudo_pass: hidden\n');
    const { code, stdout, stderr } = await inventory(
      '--host',
      'web1',
      '-e',
      'a=2 b=3',
      '-e',
      '{"c": 4}',
      '--extra-vars',
      `@${join(folder, 'extra.yml')}`,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({ a: '2', ansible_sudo_pass: 'hidden', b: '3', c: 4, v: 'file' });
  });

  it('warns of a password that the process list shows, without the password', async () => {
    const { code, stdout, stderr } = await inventory('--host', 'web1', '-e', 'ansible_sudo_pass=hidden');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { ansible_sudo_pass: 'hidden' }]);
    expect(stderr).toMatch(/^warning: everybody on this machine can read ansible_sudo_pass in the process list; /u);
    expect(stderr).not.toContain('hidden');
  });

  it('runs an inventory that is a program', async () => {
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\n[ "$1" = --list ] && echo \'{"web": ["p1"]}\' || echo "{\\"me\\": \\"$2\\"}"\n');
    chmodSync(program, 0o755);
    expect(JSON.parse((await runMuster('inventory', '-i', program, '--host', 'p1')).stdout)).toEqual({ me: 'p1' });
    writeFileSync(program, '#!/bin/sh\necho no network >&2\nexit 7\n');
    const { code, stderr } = await runMuster('inventory', '-i', program, '--list');
    expect([code, stderr]).toEqual([1, expect.stringContaining('failed with --list: it ended with exit status 7: no network') as string]);
  });

  it.each([
    [[], 'Say one of'],
    [['--list', '--graph'], 'Say one of'],
    [['--list', '--vars'], 'go with --graph only'],
    [['--list', 'web'], 'go with --graph only'],
    [['--graph', '--export'], 'go with --list only'],
    [['--list', '--yaml'], 'leave -i out'],
    [['--list', '--ask-vault-pass'], 'no terminal to ask for the vault password on'],
    [['--list', '--filter', 'health:good'], 'leave -i out'],
  ])('refuses %j', async (args, said) => {
    const { code, stdout, stderr } = await inventory(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });
});
