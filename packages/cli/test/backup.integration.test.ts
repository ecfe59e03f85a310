import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@muster/api';
import { reachableFolder, runSql } from '@muster/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { unixFetch } from '../src/client/unix-fetch.ts';
import { closedPort } from './closed-port.ts';

const muster = join(import.meta.dirname, '..', '..', '..', 'bin', 'muster');
let folder: string;
let url: string;
let socketPath: string;
let server: ChildProcess | undefined;
let serverEnvironment: NodeJS.ProcessEnv;

/** A user namespace, in which a small disk can be mounted that nobody else sees and that ends with the program. */
const canUnshare = spawnSync('unshare', ['--mount', '--map-root-user', 'true']).status === 0;

async function startServer(): Promise<void> {
  server = spawn(muster, ['up'], { cwd: folder, env: serverEnvironment, stdio: 'ignore' });
  await vi.waitFor(() => local().getStatus({}), { timeout: 60_000, interval: 100 });
}

async function stopServer(): Promise<void> {
  const stopping = server;
  if (stopping === undefined) return;
  const ended = new Promise((resolve) => stopping.on('close', resolve));
  stopping.kill('SIGTERM');
  await ended;
  server = undefined;
}

beforeAll(async () => {
  folder = await reachableFolder();
  const [http, agents] = [await closedPort(), await closedPort()];
  url = `https://127.0.0.1:${http}`;
  socketPath = join(folder, 'data', 'muster.sock');
  const own = {
    MUSTER_DATA_DIR: join(folder, 'data'),
    MUSTER_HTTP_PORT: String(http),
    MUSTER_AGENTS_PORT: String(agents),
    MUSTER_HTTP_TLS: 'on',
  };
  serverEnvironment = { ...process.env, XDG_CONFIG_HOME: join(folder, 'config'), MUSTER_SOCKET: socketPath, ...own };
  writeFileSync(join(folder, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 });
  await startServer();
}, 120_000);

afterAll(async () => {
  await stopServer();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const local = () => createClient('', unixFetch(socketPath));
const sql = (text: string) => runSql({ host: join(folder, 'data', 'postgres', 'socket'), user: 'muster', database: 'muster' }, text);
const given = ['--passphrase-file', 'passphrase'];

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(muster, args, { cwd: folder, env: serverEnvironment, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}
/** A command that is not waited for. */
function started(...args: string[]): { child: ChildProcess; code: Promise<number | null> } {
  const child = spawn(muster, args, { cwd: folder, env: serverEnvironment, stdio: 'ignore' });
  return { child, code: new Promise((resolve) => child.on('close', resolve)) };
}
const says = (text: string | RegExp) => expect.stringMatching(text) as string;

describe('muster backup and muster restore', () => {
  it('go once around: over the socket, verified, into the stopped server', async () => {
    await local().addNode({ body: { name: 'web1' } });
    expect(run('backup', 'one.backup', ...given)).toEqual({
      code: 0,
      stderr: '',
      stdout: says(/^one\.backup is written and was read back: [\d.]+ kB, \d+ rows of \d+ tables, as of 20/u),
    });
    expect(statSync(join(folder, 'one.backup')).mode & 0o777).toBe(0o600);
    expect(run('backup', 'one.backup', ...given)).toMatchObject({ code: 1, stderr: says('one.backup is there already') });
    const again = run('backup', 'one.backup', ...given, '--force', '-o', 'json');
    expect(JSON.parse(again.stdout)).toMatchObject({ path: 'one.backup', head: { muster: '0.1.0' } });
    expect(run('restore', 'one.backup', '--verify', ...given)).toMatchObject({ code: 0, stdout: says(/^one\.backup is whole/u) });
    expect(run('restore', 'one.backup', ...given)).toMatchObject({ code: 1, stderr: says('Another Muster server') });
    await local().addNode({ body: { name: 'web2' } });
    await stopServer();
    expect(run('restore', 'one.backup', ...given)).toMatchObject({ code: 1, stderr: says('say --replace') });
    expect(run('restore', 'one.backup', '--replace', ...given)).toMatchObject({ code: 2, stderr: says('Nothing was changed. Say --yes.') });
    expect(run('restore', 'one.backup', '--replace', '--yes', ...given)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: says(/^one\.backup is restored/u),
    });
    await startServer();
    expect((await local().listNodes({ query: {} })).items.map(({ name }) => name)).toEqual(['web1']);
  }, 180_000);

  it('goes over the network with a key, by whose name it stands in the audit log', async () => {
    const made = await local().makeKey({ body: { name: 'nightly', role: 'administrator' } });
    writeFileSync(join(folder, 'nightly.key'), made.secret, { mode: 0o600 });
    const { caFingerprint } = await local().getStatus({});
    const login = run('login', url, '--name', 'far', '--fingerprint', caFingerprint, '--api-key-file', 'nightly.key');
    expect(login).toMatchObject({ code: 0 });
    expect(run('--context', 'far', 'backup', 'far.backup', ...given)).toMatchObject({ code: 0, stdout: says(/was read back/u) });
    const { items } = await local().listAudit({ query: { limit: 1 } });
    expect(items[0]).toMatchObject({ what: 'takeSnapshot', who: { kind: 'key', name: 'key nightly of the server itself' } });
  }, 60_000);

  it('says what is wrong with a passphrase or a file, in one line', () => {
    writeFileSync(join(folder, 'short'), 'short\n');
    writeFileSync(join(folder, 'wrong'), 'another passphrase\n');
    expect(run('backup', 'x.backup', '--passphrase-file', 'short')).toMatchObject({ code: 1, stderr: says('12 characters at least') });
    expect(run('backup', 'x.backup')).toMatchObject({ code: 2, stderr: says('--passphrase-file') });
    expect(run('restore', 'one.backup', '--verify', '--passphrase-file', 'wrong')).toMatchObject({
      code: 1,
      stderr: says('not the one of this backup'),
    });
    const cut = readFileSync(join(folder, 'one.backup')).subarray(0, -1);
    writeFileSync(join(folder, 'cut.backup'), cut);
    expect(run('restore', 'cut.backup', '--verify', ...given)).toMatchObject({ code: 1, stderr: says('breaks off') });
    expect(run('restore', 'nothing', '--verify', ...given).stderr).toMatch(/^error: The backup nothing cannot be read: [^\n]*\n$/u);
  }, 60_000);

  it('leaves the last good backup where it is killed in the middle', async () => {
    await sql(
      "insert into events (kind, severity, message) select 'node-added', 'info', string_agg(md5(random()::text), '') from generate_series(1, 20000) i, generate_series(1, 60) group by i",
    );
    const before = readFileSync(join(folder, 'one.backup'));
    const partial = join(folder, 'one.backup.partial');
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      rmSync(partial, { force: true });
      const ended = started('backup', 'one.backup', '--force', ...given);
      await vi.waitFor(() => expect(statSync(partial).size).toBeGreaterThan(1_000_000), { timeout: 30_000, interval: 5 });
      ended.child.kill(signal);
      expect(await ended.code).toBe(signal === 'SIGINT' ? 130 : null);
      expect(readFileSync(join(folder, 'one.backup')).equals(before)).toBe(true);
      expect(existsSync(partial)).toBe(signal === 'SIGKILL');
    }
    await vi.waitFor(() => expect(run('backup', 'one.backup', '--force', ...given).code).toBe(0), { timeout: 60_000, interval: 500 });
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
  }, 120_000);

  it.runIf(canUnshare)(
    'leaves nothing on a disk that is full',
    () => {
      mkdirSync(join(folder, 'disk'));
      const script = 'mount -t tmpfs -o size=256k none "$1" && shift && "$@"; code=$?; ls "$PWD/disk" >&2; exit $code';
      const { status, stderr } = spawnSync(
        'unshare',
        [
          '--mount',
          '--map-root-user',
          'sh',
          '-c',
          script,
          'sh',
          'disk',
          muster,
          '--socket',
          socketPath,
          'backup',
          'disk/x.backup',
          ...given,
        ],
        { cwd: folder, env: serverEnvironment, encoding: 'utf8' },
      );
      expect([status, stderr]).toEqual([
        1,
        says(/^error: There is no room for the backup: disk\/x\.backup\.partial could not be written on\.[^\n]*\n$/u),
      ]);
    },
    60_000,
  );

  it('leaves everything as it was where a restore is killed in the middle', async () => {
    await local().addNode({ body: { name: 'kept' } });
    await stopServer();
    const loading = "select 1 as one from pg_stat_activity where query like 'copy \"events\"%' and state = 'active'";
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      // The database of the first goes on without it, until the next one stops it.
      await vi.waitFor(async () => expect(await sql(loading).catch(() => [])).toEqual([]), { timeout: 30_000, interval: 50 });
      const ended = started('restore', 'one.backup', '--replace', '--yes', ...given);
      await vi.waitFor(async () => expect(await sql(loading)).toHaveLength(1), { timeout: 30_000, interval: 5 });
      ended.child.kill(signal);
      expect(await ended.code).toBe(signal === 'SIGTERM' ? 130 : null);
    }
    // Who was asked to end has ended the database, too.
    await expect(sql('select 1')).rejects.toThrow();
    await startServer();
    expect((await local().listNodes({ query: {} })).items.map(({ name }) => name)).toContain('kept');
  }, 120_000);
});
