import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { joinInstructions } from './join-instructions.ts';

const token = 'muster1.WyJ3ZWIxIiwic2VjcmV0Il0-_';
const { command, systemd, cloudInit } = joinInstructions('web1', token, '2026-01-01T00:30:00.000Z');

describe('the ways to use a join token', () => {
  it('give the token to the agent on its standard input, so that no list of processes shows it', () => {
    expect(command).toBe(`printf '%s\\n' ${token} | sudo muster-agent enroll --token-file - --start-services`);
    // The shell itself is asked: what would be run sees the token on its input, and not among its arguments.
    const script = command.replace('sudo muster-agent', 'sh -c \'cat; echo "$@"\' sh');
    const seen = execFileSync('sh', ['-s'], { input: script, encoding: 'utf8' });
    expect(seen).toBe(`${token}\nenroll --token-file - --start-services\n`);
  });

  it('are user data that cloud-init can read, with the file for root alone', () => {
    expect(cloudInit.startsWith('#cloud-config\n')).toBe(true);
    const data = parse(cloudInit) as { write_files: Record<string, string>[]; runcmd: string[][] };
    expect(data.write_files).toEqual([{ path: '/etc/muster/join-token', owner: 'root:root', permissions: '0600', content: `${token}\n` }]);
    expect(data.runcmd).toEqual([
      ['systemctl', 'enable', 'muster-agent.service'],
      ['/opt/muster-agent/bin/muster-agent', 'enroll', '--token-file', '/etc/muster/join-token', '--start-services'],
      ['rm', '-f', '/etc/muster/join-token'],
    ]);
    expect(JSON.stringify(data.runcmd)).not.toContain(token);
  });

  it('are a drop-in whose commands do not hold the token', () => {
    const lines = systemd.split('\n').filter((line) => line.startsWith('Exec'));
    expect(lines).toEqual([
      'ExecStartPre=-+/opt/muster-agent/bin/muster-agent enroll --token-file /etc/muster/join-token --start-services',
      'ExecStartPost=+/bin/rm -f /etc/muster/join-token',
    ]);
    expect(systemd).toContain(`install -D -m 0600 /dev/stdin /etc/muster/join-token`);
    expect(systemd.match(/muster1\./gu)).toHaveLength(1);
  });
});
