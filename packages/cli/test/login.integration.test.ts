import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@muster/api';
import { reachableFolder } from '@muster/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverFetch } from '../src/client/server-fetch.ts';
import { unixFetch } from '../src/client/unix-fetch.ts';
import type { RemoteWay } from '../src/client/way.ts';
import { authorityOf } from '../src/contexts/server-authority.ts';
import { closedPort } from './closed-port.ts';

const muster = join(import.meta.dirname, '..', '..', '..', 'bin', 'muster');
const password = 'correct horse battery';
let folder: string;
let url: string;
let socketPath: string;
let server: ChildProcess;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await reachableFolder();
  const [http, agents] = [await closedPort(), await closedPort()];
  url = `https://127.0.0.1:${http}`;
  socketPath = join(folder, 'data', 'muster.sock');
  environment = { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') };
  const own = {
    MUSTER_DATA_DIR: join(folder, 'data'),
    MUSTER_HTTP_PORT: String(http),
    MUSTER_AGENTS_PORT: String(agents),
    MUSTER_HTTP_TLS: 'on',
  };
  server = spawn(muster, ['up'], { cwd: folder, env: { ...process.env, ...own }, stdio: 'ignore' });
  const local = createClient('', unixFetch(socketPath));
  while (
    !(await local.getStatus({}).then(
      () => true,
      () => false,
    ))
  ) {
    if (server.exitCode !== null) throw new Error('the server ended');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}, 120_000);

afterAll(async () => {
  const ended = new Promise((resolve) => server.on('close', resolve));
  server.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(muster, args, { cwd: folder, env: environment, encoding: 'utf8' });
  return { code: status, stdout, stderr };
};
const runWith = (input: string, ...args: string[]) =>
  execFileSync(muster, args, { cwd: folder, env: environment, encoding: 'utf8', input });

/** Somebody with a password: invited on the server, in by his link, as the panel does it. */
async function makePerson(email: string, fingerprint: string): Promise<void> {
  const local = createClient('', unixFetch(socketPath));
  const { url: link } = await local.invitePerson({ body: { email, role: 'operator', groups: ['web'] } });
  const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';
  let cookie = '';
  const { pem } = await authorityOf(url, fingerprint);
  const way = (): RemoteWay => ({ kind: 'remote', url, authorityPem: pem, headers: cookie === '' ? {} : { cookie } });
  const client = createClient(
    '',
    serverFetch(async () => way(), {
      onCookies: ([line]) => {
        cookie = line?.split(';')[0] ?? cookie;
      },
    }),
  );
  await client.signIn({ body: { token } });
  await client.setPassword({ body: { newPassword: password } });
}

describe('muster login to a real server', () => {
  it('signs in with a password, works over HTTPS from then on, and signs out', async () => {
    const { caFingerprint } = await createClient('', unixFetch(socketPath)).getStatus({});
    await makePerson('ada@example.org', caFingerprint);
    const args = ['login', url, '--name', 'lab', '--fingerprint', caFingerprint, '--email', 'ada@example.org', '--password-stdin'];
    expect(runWith(`${password}\n`, ...args)).toBe(`Signed in to ${url} as ada@example.org (operator). The context lab is in use.\n`);
    expect(readFileSync(join(folder, 'config', 'muster', 'contexts.json'), 'utf8')).not.toContain(password);
    expect(JSON.parse(run('whoami', '-o', 'json').stdout)).toMatchObject({ server: url, email: 'ada@example.org', groups: ['web'] });
    expect(run('status').stdout).toContain(caFingerprint);
    expect(run('nodes', '-o', 'json').stdout).toBe('[]\n');
    const refused = run('node', 'add', 'web1');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('takes the role administrator') as string]);
    expect(run('people', 'list').stderr).toContain('takes the role administrator');
    const made = run('key', 'make', 'ci', '--role', 'operator', '--out', 'ci.key');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('is in ci.key') as string });
    expect(run('logout').stdout).toBe(`Signed out of ${url}.\n`);
    expect(run('nodes').stderr).toContain('Nobody is signed in');
  });

  it('lets a script in by key and fingerprint, until the key is revoked', async () => {
    const local = createClient('', unixFetch(socketPath));
    const { caFingerprint } = await local.getStatus({});
    environment = { ...environment, MUSTER_URL: url, MUSTER_API_KEY_FILE: join(folder, 'ci.key'), MUSTER_CA_FINGERPRINT: caFingerprint };
    expect(JSON.parse(run('whoami', '-o', 'json').stdout)).toMatchObject({ kind: 'key', role: 'operator', groups: ['web'] });
    const [key] = (await local.listKeys({})).items;
    await local.revokeKey({ params: { id: key?.id ?? '' } });
    expect(run('whoami')).toMatchObject({ code: 1, stderr: expect.stringContaining('Sign in first') as string });
    writeFileSync(join(folder, 'ci.key'), 'muster_wrong\n');
    expect(run('nodes').code).toBe(1);
    const what = (await local.listAudit({ query: { limit: 1000 } })).items.map((line) => `${line.who.name} ${line.what} ${line.result}`);
    expect(what).toEqual(
      expect.arrayContaining([
        'ada@example.org signIn done',
        'ada@example.org addNode refused',
        'ada@example.org makeKey done',
        'ada@example.org signOut done',
      ]),
    );
  });
});
