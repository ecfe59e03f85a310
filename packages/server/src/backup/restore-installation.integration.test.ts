import { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { chown, cp, lchown, lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { writeBackup } from '@muster/backup';
import { reachableFolder } from '@muster/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keptLog } from '../../test/kept-log.ts';
import { ask, localClient } from '../../test/requests.ts';
import { enrolAgent, ServerAgent, type Credentials } from '../../test/server-agent.ts';
import { freePort } from '../../test/server-fixture.ts';
import { loadConfig } from '../config/load-config.ts';
import { type RunningServer, startServer } from '../main.ts';
import { restoreInstallation, type InstallationRestore } from './restore-installation.ts';

const passphrase = 'correct horse battery staple';
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUps.splice(0).toReversed()) await end();
});

/** One installation in a folder of its own, started and stopped as a test wants. */
class Installation {
  readonly folder: string;
  readonly ports: { http: number; agents: number };
  server: RunningServer | undefined;

  private constructor(folder: string, ports: { http: number; agents: number }) {
    this.folder = folder;
    this.ports = ports;
  }

  static async make(ports?: { http: number; agents: number }): Promise<Installation> {
    const made = new Installation(await reachableFolder(), ports ?? { http: await freePort(), agents: await freePort() });
    cleanUps.push(async () => {
      await made.stop();
      await rm(made.folder, { recursive: true, force: true });
    });
    return made;
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get config() {
    const environment = {
      MUSTER_DATA_DIR: this.dataDir,
      MUSTER_HTTP_PORT: String(this.ports.http),
      MUSTER_AGENTS_PORT: String(this.ports.agents),
    };
    return loadConfig({ environment });
  }

  async start(): Promise<void> {
    this.server = await startServer({ config: this.config, log: keptLog().log, panelDir: '/nonexistent', program: '/nonexistent' });
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
  }

  get local() {
    return localClient(this.server?.socketPath ?? '');
  }

  enrol(name: string, given?: { token: string }) {
    return enrolAgent({ local: this.local, agentsPort: this.ports.agents } as never, name, given);
  }

  /** What the door says to a certificate. */
  async admits({ credentials }: { credentials: Credentials }): Promise<string> {
    return ServerAgent.connect({ agentsPort: this.ports.agents }, credentials).then(
      async (agent) => {
        agent.say({ type: 'hello', protocol: 1, agentVersion: '0.1.0', bootId: 'b', clockMs: Date.now() });
        await vi.waitFor(() => expect(agent.received.length + Number(agent.closedWith !== undefined)).toBeGreaterThan(0), 5000);
        const said = agent.closedWith === undefined ? 'admitted' : `closed with ${agent.closedWith}`;
        agent.close();
        return said;
      },
      (error: unknown) => String(error),
    );
  }

  async backup(): Promise<string> {
    const path = join(this.folder, `backup-${Date.now()}`);
    await writeBackup(this.snapshot(), { path, passphrase, force: false });
    return path;
  }

  async *snapshot(): AsyncGenerator<Uint8Array> {
    const response = await fetchSocket(this.server?.socketPath ?? '');
    for await (const piece of response) yield piece as Uint8Array;
  }

  restore(path: string, more: Partial<InstallationRestore> = {}) {
    return restoreInstallation({ config: this.config, log: keptLog().log, path, passphrase, replace: false, by: 'tester', ...more });
  }

  async revokedSerials(): Promise<string> {
    return (await ask({ port: this.ports.http }, '/ca/crl.pem')).text;
  }
}

async function fetchSocket(socketPath: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/api/v1/snapshots', method: 'POST' }, resolve).on('error', reject).end();
  });
}

const serialOf = ({ credentials }: { credentials: Credentials }) => new X509Certificate(credentials.chainPem).serialNumber.toLowerCase();
const refused = expect.stringMatching(/refused|closed/u);

/** An installation with nodes whose certificates end before and after a backup. */
async function lived() {
  const one = await Installation.make();
  await one.start();
  const [before, after, good] = [await one.enrol('before'), await one.enrol('after'), await one.enrol('good')];
  await one.local.revokeCertificates({ body: { of: { node: 'before' }, reason: 'key-compromise' } });
  const token = await one.local.makeJoinToken({ params: { node: 'before' } });
  const path = await one.backup();
  await one.local.revokeCertificates({ body: { of: { node: 'after' }, reason: 'key-compromise' } });
  const late = await one.enrol('late');
  for (const agent of [before, after, good, late]) agent.close();
  await one.stop();
  return { one, path, token, agents: { before, after, good, late } };
}

describe('a backup that is restored', () => {
  it('in place of what there is: what was revoked since stays revoked, and the revocation lists say so', async () => {
    const { one, path, agents } = await lived();
    await expect(one.restore(path)).rejects.toMatchObject({ code: 'not-empty' });
    expect(await one.restore(path, { replace: true })).toMatchObject({
      replaced: true,
      revokedAgain: 1,
      knownAgain: 0,
      joinTokensDropped: 4,
    });
    await one.start();
    expect(await one.admits(agents.good)).toBe('admitted');
    for (const name of ['before', 'after', 'late'] as const) expect(await one.admits(agents[name]), name).toEqual(refused);
    const { items } = await one.local.listAllCertificates({ query: { state: 'revoked' } });
    expect(new Set(items.map(({ serial }) => serial))).toEqual(new Set([agents.before, agents.after, agents.late].map(serialOf)));
    expect((await one.local.getNode({ params: { node: 'after' } })).registration).not.toBe('registered');
  });

  it('where the database is lost: by the journal beside it', async () => {
    const { one, path, agents } = await lived();
    await rm(join(one.dataDir, 'postgres'), { recursive: true });
    expect(await one.restore(path)).toMatchObject({ replaced: false, revokedAgain: 1 });
    await one.start();
    expect([await one.admits(agents.good), await one.admits(agents.after), await one.admits(agents.late)]).toEqual([
      'admitted',
      refused,
      refused,
    ]);
  });

  it('on another machine: by the journal of the lost one, and not without a word about it', async () => {
    const { one, path, agents } = await lived();
    const other = await Installation.make(one.ports);
    await expect(other.restore(path)).rejects.toMatchObject({ code: 'revocations-unknown' });
    await expect(other.restore(path, { revoked: join(one.folder, 'nothing') })).rejects.toThrow('There is no journal of certificates');
    const journal = join(one.dataDir, 'certificates.journal');
    expect(await other.restore(path, { revoked: journal })).toMatchObject({ revokedAgain: 1 });
    await other.start();
    expect([await other.admits(agents.good), await other.admits(agents.after), await other.admits(agents.before)]).toEqual([
      'admitted',
      refused,
      refused,
    ]);
    expect((await stat(join(other.dataDir, 'master.key'))).mode & 0o777).toBe(0o600);
  });

  it('lets certificates in that were issued since, of nodes that it knows', async () => {
    const one = await Installation.make();
    await one.start();
    await one.local.addNode({ body: { name: 'n' } });
    const { token } = await one.local.makeJoinToken({ params: { node: 'n' } });
    const path = await one.backup();
    const agent = await one.enrol('n', { token });
    agent.beat();
    await vi.waitFor(async () => expect((await one.local.getNode({ params: { node: 'n' } })).certificateSerial).not.toBeNull(), 10_000);
    agent.close();
    await one.stop();
    expect(await one.restore(path, { replace: true })).toMatchObject({ knownAgain: 1, revokedAgain: 0 });
    await one.start();
    expect(await one.admits(agent)).toBe('admitted');
    expect(await one.local.getNode({ params: { node: 'n' } })).toMatchObject({ certificateSerial: serialOf(agent) });
    // The token was used after the backup, in which it is unused.
    await expect(one.enrol('n', { token })).rejects.toThrow(/4\d\d /u);
  });

  it('keeps a database that went back by other means from letting in what was revoked', async () => {
    const one = await Installation.make();
    await one.start();
    const agent = await one.enrol('n');
    agent.close();
    await one.stop();
    await cp(join(one.dataDir, 'postgres'), join(one.folder, 'earlier'), { recursive: true, preserveTimestamps: true });
    await copyOwners(join(one.dataDir, 'postgres'), join(one.folder, 'earlier'));
    await one.start();
    await one.local.revokeCertificates({ body: { of: { node: 'n' }, reason: 'key-compromise' } });
    await one.stop();
    await rm(join(one.dataDir, 'postgres'), { recursive: true });
    await moveFolder(join(one.folder, 'earlier'), join(one.dataDir, 'postgres'));
    await one.start();
    expect(await one.admits(agent)).toEqual(refused);
  });
});

async function moveFolder(from: string, to: string): Promise<void> {
  await rename(from, to);
}

/** As root the files of the database belong to another user. */
async function copyOwners(from: string, to: string): Promise<void> {
  for (const name of ['.', ...readdirSync(from, { recursive: true, encoding: 'utf8' })]) {
    const { uid, gid } = await lstat(join(from, name));
    await lchown(join(to, name), uid, gid).catch(() => undefined);
  }
}

describe('a restore by root', () => {
  it.runIf(process.getuid?.() === 0)('leaves nothing in the folder of another user that this one could not use', async () => {
    const one = await Installation.make();
    await mkdir(one.dataDir);
    await chown(one.dataDir, 65_534, 65_534);
    await expect(one.restore('/nonexistent')).rejects.toThrow('belongs to the user with the id 65534');
    expect(readdirSync(one.dataDir)).toEqual([]);
  });
});

describe('the key file', () => {
  it('comes with the backup; another one that was there is kept', async () => {
    const { one, path } = await lived();
    const other = await Installation.make(one.ports);
    await other.start();
    await other.stop();
    const [own, foreign] = [await readFile(join(one.dataDir, 'master.key')), await readFile(join(other.dataDir, 'master.key'))];
    await other.restore(path, { replace: true, revoked: 'none' });
    expect(await readFile(join(other.dataDir, 'master.key'))).toEqual(own);
    const kept = readdirSync(other.dataDir).find((name) => name.startsWith('master.key.replaced-'));
    expect(await readFile(join(other.dataDir, kept ?? ''))).toEqual(foreign);
    await other.start();
  });

  it('of a database of another installation says nothing about revocations', async () => {
    const { one, path } = await lived();
    const other = await Installation.make(one.ports);
    await other.start();
    await other.stop();
    await expect(other.restore(path, { replace: true })).rejects.toMatchObject({ code: 'revocations-unknown' });
    await other.start();
    expect((await other.local.listNodes({ query: {} })).total).toBe(0);
  });

  it('takes its place at the next start when a restore was killed after it had committed, and goes when it was killed before', async () => {
    const one = await Installation.make();
    await one.start();
    await one.stop();
    const right = await readFile(join(one.dataDir, 'master.key'));
    const path = join(one.dataDir, 'master.key');
    await writeFile(`${path}.restored`, Buffer.alloc(32, 1), { mode: 0o600 });
    await one.start();
    await one.stop();
    expect([await readFile(path), readdirSync(one.dataDir).filter((name) => name.startsWith('master.key'))]).toEqual([
      right,
      ['master.key'],
    ]);
    await writeFile(`${path}.restored`, right, { mode: 0o600 });
    await writeFile(path, Buffer.alloc(32, 2), { mode: 0o600 });
    await one.start();
    expect(await readFile(path)).toEqual(right);
  });
});
