import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issueCertificate } from '../pool/certificate.ts';
import { newRecord } from '../pool/record.ts';
import { dhcpRolePath, dnsmasqFolder } from './dnsmasq-files.ts';
import { patienceSeconds, rangeFiles, rangePaths } from './follow-primary.ts';

const now = new Date();
const member = { name: 'm1', address: '127.0.0.1', kind: 'database' } as const;
let folder = '';
let server: Server;
let child: ChildProcess | undefined;
/** What the stand-in for Patroni answers; without a number it says nothing. */
let status: number | undefined;

const link = (): string => join(folder, dhcpRolePath);
const settings = (name: string): string => join(folder, dnsmasqFolder, `${name}.conf`);
const asked = (): string[] => (existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n') : []);
const role = (): string => (existsSync(link()) ? readlinkSync(link()).replace(/^.*\//u, '') : 'none');
const becomes = (name: string) => expect.poll(role, { timeout: 9000, interval: 20 }).toBe(`${name}.conf`);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-follow-'));
  for (const path of [join(folder, 'bin'), join(folder, dnsmasqFolder), dirname(link())]) mkdirSync(path, { recursive: true });
  writeFileSync(settings('dnsmasq'), 'port=0\n');
  writeFileSync(settings('holder'), 'dhcp-range=10.0.0.100,10.0.0.200,255.255.255.0,1h\ndhcp-authoritative\n');
  writeFileSync(settings('second'), 'dhcp-range=10.0.0.0,static,255.255.255.0,1h\n');
  symlinkSync(settings('second'), link());
  // A stand-in for systemd: it notes what it was asked for.
  writeFileSync(join(folder, 'bin', 'systemctl'), `#!/bin/sh\necho "$1" >> ${folder}/asked\n`);
  chmodSync(join(folder, 'bin', 'systemctl'), 0o755);
  const record = await newRecord([member], now);
  const { keyPem, chainPem } = await issueCertificate(member, record, now);
  writeFileSync(join(folder, 'authority.pem'), record.authority.rootPem);
  status = 503;
  server = createServer({ key: keyPem, cert: chainPem }, (request, response) => {
    if (status === undefined) return;
    response.statusCode = request.url === '/primary' ? status : 404;
    response.end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** The program as a member has it, in a hurry, with the real dnsmasq to test its settings. */
function follow(): ChildProcess {
  const program = rangeFiles('127.0.0.1').find(({ path }) => path === rangePaths.program)?.content ?? '';
  const place = join(folder, 'follow-primary');
  writeFileSync(
    place,
    program
      .replaceAll(`"${dnsmasqFolder}/`, `"${join(folder, dnsmasqFolder)}/`)
      .replaceAll(dhcpRolePath, link())
      .replace(`PATIENCE_SECONDS = 2, 2, ${patienceSeconds}`, 'PATIENCE_SECONDS = 0.05, 0.3, 1'),
  );
  const { port } = server.address() as AddressInfo;
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:/usr/sbin:${process.env['PATH'] ?? ''}` };
  child = spawn('python3', [place, '127.0.0.1', String(port), join(folder, 'authority.pem')], { env, stdio: 'pipe' });
  child.stdout?.resume();
  child.stderr?.resume();
  return child;
}

describe('the dynamic range, which follows the primary', () => {
  it('is held while Patroni says that it is the primary, and let go at once when it says otherwise', async () => {
    status = 200;
    follow();
    await becomes('holder');
    status = 503;
    await becomes('second');
    await expect.poll(asked, { timeout: 5000 }).toEqual(['try-restart', 'try-restart']);
    // It forgets what it owes only after that.
    await expect.poll(() => existsSync(`${link()}.pending`), { timeout: 5000 }).toBe(false);
  });

  it('is kept while Patroni is silent for a moment, and let go when it hangs', async () => {
    status = 200;
    follow();
    await becomes('holder');
    const silentFromMs = performance.now();
    status = undefined;
    await becomes('second');
    expect(performance.now() - silentFromMs).toBeGreaterThan(700);
  });

  it('is not held by whoever hears nobody, or somebody with a certificate of another authority', async () => {
    status = 200;
    const other = await newRecord([member], now);
    writeFileSync(join(folder, 'authority.pem'), other.authority.rootPem);
    rmSync(link());
    follow();
    await becomes('second');
  });

  it('is not taken with settings that dnsmasq does not take; and is given up by stopping it, if that must be', async () => {
    status = 200;
    const holder = readFileSync(settings('holder'), 'utf8');
    writeFileSync(settings('holder'), 'no-such-word\n');
    const { stdout } = follow();
    let said = '';
    stdout?.on('data', (data: Buffer) => (said += data.toString()));
    await expect.poll(() => said, { timeout: 9000 }).toContain('bad option at line 1');
    expect([role(), asked()]).toEqual(['second.conf', []]);
    writeFileSync(settings('holder'), holder);
    await becomes('holder');
    writeFileSync(settings('second'), 'no-such-word\n');
    status = 503;
    await expect.poll(asked, { timeout: 9000 }).toContain('stop');
  });

  it('makes up for a restart that a killed one has not done, and lets go when it is stopped itself', async () => {
    status = 200;
    writeFileSync(`${link()}.pending`, '');
    rmSync(link());
    symlinkSync(settings('holder'), link());
    const running = follow();
    await expect.poll(() => [asked(), existsSync(`${link()}.pending`)], { timeout: 9000 }).toEqual([['try-restart'], false]);
    running.kill('SIGTERM');
    await once(running, 'close');
    expect([role(), running.exitCode]).toEqual(['second.conf', 0]);
  });
});
