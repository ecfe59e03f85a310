import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problem, type Session } from '@muster/api';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { closedPort } from '../../../test/closed-port.ts';
import { type AskedOverTls, FakeTlsServer } from '../../../test/fake-tls-server.ts';
import { problemAnswer } from '../../../test/fake-server.ts';
import { runMuster, startMuster } from '../../../test/run-muster.ts';
import { type TestAuthority, testAuthority } from '../../../test/test-authority.ts';

let authority: TestAuthority;
let other: TestAuthority;
beforeAll(() => {
  authority = testAuthority();
  other = testAuthority();
});

let folder = '';
let server: FakeTlsServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-login-'));
  vi.stubEnv('XDG_CONFIG_HOME', folder);
  writeFileSync(join(folder, 'key'), 'muster_key\n');
  server = await FakeTlsServer.start(authority);
  server.answer = answerAs(session);
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const session: Session = {
  kind: 'person',
  id: 'p1',
  name: 'Ada',
  email: 'ada@example.org',
  role: 'operator',
  groups: ['web'],
  mayExec: false,
  hasPassword: true,
  twoFactor: false,
  provider: null,
};
const answerAs =
  (who: Session) =>
  ({ path, method }: AskedOverTls) =>
    method === 'DELETE' ? { status: 204 } : path === '/nodes' ? { body: { items: [], total: 0 } } : { body: who };
const file = () => join(folder, 'muster', 'contexts.json');
const kept = () => JSON.parse(readFileSync(file(), 'utf8')) as { current: string; contexts: Record<string, Record<string, unknown>> };
const loginWithKey = (...more: string[]) =>
  runMuster('login', server.url, '--name', 'lab', '--fingerprint', authority.fingerprint, '--api-key-file', join(folder, 'key'), ...more);

describe('muster login', () => {
  it('asks nobody to trust an authority where there is nobody to ask, and sends nothing', async () => {
    const { code, stdout, stderr } = await runMuster('login', server.url, '--api-key-file', join(folder, 'key'));
    expect([code, stdout, server.asked]).toEqual([1, '', []]);
    expect(stderr).toContain(`--fingerprint ${authority.fingerprint}`);
  });

  it('sends nothing to a server of another authority than the one named', async () => {
    const { code, stderr } = await runMuster(
      'login',
      server.url,
      '--fingerprint',
      other.fingerprint,
      '--api-key-file',
      join(folder, 'key'),
    );
    expect([code, server.asked]).toEqual([1, []]);
    expect(stderr).toMatch(new RegExp(`shows an authority with the fingerprint ${authority.fingerprint}, not ${other.fingerprint}`, 'u'));
    expect((await runMuster('login', server.url, '--fingerprint', 'abc')).code).toBe(2);
  });

  it('keeps authority and key, for its owner only, and uses them from then on', async () => {
    const colons = authority.fingerprint.toUpperCase().replaceAll(/(..)(?!$)/gu, '$1:');
    const { code, stdout } = await runMuster(
      'login',
      server.url,
      '--name',
      'lab',
      '--fingerprint',
      colons,
      '--api-key-file',
      join(folder, 'key'),
    );
    expect([code, stdout]).toEqual([0, `Signed in to ${server.url} as ada@example.org (operator). The context lab is in use.\n`]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(kept()).toMatchObject({
      current: 'lab',
      contexts: { lab: { url: server.url, credential: { kind: 'key', key: 'muster_key' } } },
    });
    expect((await runMuster('nodes')).code).toBe(0);
    expect(server.asked.at(-1)).toMatchObject({ path: '/nodes', headers: { authorization: 'Bearer muster_key' } });
    expect((await runMuster('whoami')).stdout).toContain('Groups      web\n');
    expect((await runMuster('--socket', '/nonexistent.sock', 'nodes')).stderr).toContain('/nonexistent.sock');
  });

  it('refuses from then on what shows a certificate of another authority, and sends nothing', async () => {
    await loginWithKey();
    const { port } = server;
    await server.stop();
    server = await FakeTlsServer.start(other, port);
    const { code, stdout, stderr } = await runMuster('nodes');
    expect([code, stdout, server.asked]).toEqual([1, '', []]);
    expect(stderr).toMatch(/not of the authority trusted for it, so nothing was sent\..*"muster login" again/u);
    expect((await runMuster('login', server.url, '--name', 'lab', '--api-key-file', join(folder, 'key'))).stderr).toContain(
      'It is not the one that was accepted before.',
    );
  });

  it('refuses a certificate of the right authority that is no server’s', async () => {
    const node = testAuthority('DNS:web1.example.org,IP:127.0.0.1');
    await server.stop();
    server = await FakeTlsServer.start(node);
    const { code, stderr } = await runMuster('login', server.url, '--fingerprint', node.fingerprint, '--api-key-file', join(folder, 'key'));
    expect([code, server.asked]).toEqual([1, []]);
    expect(stderr).toContain('so nothing was sent');
  });

  it('does not ask again for an authority that was accepted for this address', async () => {
    await loginWithKey();
    const { code } = await runMuster('login', server.url, '--name', 'lab', '--api-key-file', join(folder, 'key'));
    expect(code).toBe(0);
  });

  it('signs in with a password and a code from standard input, and keeps the session, not the password', async () => {
    server.answer = ({ body, path }, response) => {
      const given = body as { password?: string; code?: string } | undefined;
      if (path !== '/session' || given === undefined) return { body: session };
      if (given.password !== 'correct horse') return problemAnswer('not-allowed', 'E-mail address or password is wrong.');
      if (given.code !== '123456') return problemAnswer('second-factor-needed', 'Give the code.');
      response.setHeader('set-cookie', ['__Secure-muster.session_token=abc; Path=/; HttpOnly', 'muster.two_factor=; Max-Age=0']);
      return { body: session };
    };
    const args = ['login', server.url, '--fingerprint', authority.fingerprint, '--email', 'ada@example.org', '--password-stdin'];
    const env = { XDG_CONFIG_HOME: folder };
    const without = await startMuster(args, 'correct horse\n', { env });
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('second line of standard input') as string]);
    const { code, stdout } = await startMuster(args, 'correct horse\n123456\n', { env });
    expect([code, stdout]).toEqual([0, expect.stringContaining('as ada@example.org (operator)') as string]);
    expect(readFileSync(file(), 'utf8')).not.toMatch(/correct horse|123456/u);
    await runMuster('nodes');
    expect(server.asked.at(-1)?.headers.cookie).toBe('__Secure-muster.session_token=abc');
    expect((await startMuster(args, 'wrong\n', { env })).stderr).toBe('error: E-mail address or password is wrong.\n');
  }, 60_000);

  it.each([
    { args: ['login', 'ftp://x'], code: 2, said: 'is not the address of a server' },
    { args: ['login', 'http://10.0.0.1:7420'], code: 2, said: 'without encryption' },
    { args: ['login', 'http://127.0.0.1:1', '--fingerprint', 'a'.repeat(64)], code: 2, said: 'has no certificate' },
    { args: ['login', 'https://x', '--name', 'a b'], code: 2, said: 'cannot be the name of a context' },
    { args: ['login', 'http://127.0.0.1:1'], code: 1, said: 'nobody to ask for a password' },
    { args: ['login', 'http://127.0.0.1:1', '--password-stdin'], code: 2, said: 'needs --email' },
    { args: ['login', 'http://127.0.0.1:1', '--api-key-file', '/nonexistent'], code: 1, said: 'The key cannot be read' },
  ])('is a clear error: $args', async ({ args, code, said }) => {
    const ended = await runMuster(...args);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).not.toMatch(/\n\s+at /u);
  });

  it('says what is wrong when nothing answers, or no TLS', async () => {
    const port = await closedPort();
    expect((await runMuster('login', `https://127.0.0.1:${port}`, '--api-key-file', join(folder, 'key'))).stderr).toContain(
      'does not answer',
    );
    server.answer = () => problemAnswer('not-signed-in', problem('not-signed-in', 'Sign in first.').problem.detail);
    expect((await loginWithKey()).stderr).toBe('error: Sign in first.\n');
    const plain = `http://127.0.0.1:${server.port}`;
    expect((await runMuster('login', plain, '--api-key-file', join(folder, 'key'))).stderr).toMatch(/does not answer/u);
  });
});

describe('muster logout', () => {
  it('ends the session on the server and forgets it here; server and authority stay known', async () => {
    await loginWithKey();
    const contexts = kept();
    contexts.contexts['lab'] = { ...contexts.contexts['lab'], credential: { kind: 'session', cookie: 'a=b', name: 'ada' } };
    writeFileSync(file(), JSON.stringify(contexts), { mode: 0o600 });
    expect((await runMuster('logout')).stdout).toBe(`Signed out of ${server.url}.\n`);
    expect(server.asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/session', headers: { cookie: 'a=b' } });
    expect(kept().contexts['lab']).toMatchObject({ url: server.url, credential: null });
    expect((await runMuster('logout')).stderr).toContain('signed out of');
    expect((await runMuster('nodes')).stderr).toContain('Nobody is signed in to');
  });

  it('forgets a key, which stays good; and tells when the server could not be told', async () => {
    await loginWithKey();
    const before = server.asked.length;
    expect((await runMuster('--context', 'lab', 'logout')).code).toBe(0);
    expect(server.asked).toHaveLength(before);
    await loginWithKey();
    const contexts = kept();
    contexts.contexts['lab'] = { ...contexts.contexts['lab'], credential: { kind: 'session', cookie: 'a=b', name: 'ada' } };
    writeFileSync(file(), JSON.stringify(contexts), { mode: 0o600 });
    const { port } = server;
    await server.stop();
    const { code, stderr } = await runMuster('logout');
    expect([code, stderr]).toEqual([1, expect.stringContaining('could not be told') as string]);
    expect(kept().contexts['lab']).toMatchObject({ credential: null });
    server = await FakeTlsServer.start(authority, port);
  });

  it('from nowhere is said', async () => expect((await runMuster('logout')).stderr).toContain('signed in to no server'));
});

describe('muster context', () => {
  it('lists, changes and forgets servers, and shows nothing that signs in', async () => {
    await loginWithKey();
    await runMuster('login', server.url, '--name', 'second', '--fingerprint', authority.fingerprint, '--api-key-file', join(folder, 'key'));
    const list = await runMuster('context', 'list', '-o', 'json');
    expect(JSON.parse(list.stdout)).toMatchObject([
      { name: 'lab', current: false, url: server.url, as: 'Ada' },
      { name: 'second', current: true },
    ]);
    for (const format of ['table', 'wide', 'json', 'yaml', 'name'])
      expect((await runMuster('context', 'list', '-o', format)).stdout).not.toMatch(/muster_key|BEGIN/u);
    expect((await runMuster('context', 'use', 'lab')).code).toBe(0);
    expect(kept().current).toBe('lab');
    expect((await runMuster('context', 'use', 'nothing')).stderr).toContain('There are: lab, second.');
    expect((await runMuster('context', 'remove', 'lab')).code).toBe(0);
    expect(kept()).toMatchObject({ current: null });
    expect((await runMuster('--context', 'second', 'whoami', '-o', 'json')).stdout).toContain('"role": "operator"');
    await runMuster('context', 'use', 'second');
    await runMuster('context', 'use', '-');
    expect(kept().current).toBeNull();
  });
});

describe('a script', () => {
  it('names server, key and authority by variables', async () => {
    vi.stubEnv('MUSTER_URL', server.url);
    vi.stubEnv('MUSTER_API_KEY', 'muster_script');
    vi.stubEnv('MUSTER_CA_FINGERPRINT', authority.fingerprint);
    expect((await runMuster('nodes', '-o', 'json')).stdout).toBe('[]\n');
    expect(server.asked.at(-1)?.headers.authorization).toBe('Bearer muster_script');
    vi.stubEnv('MUSTER_CA_FINGERPRINT', other.fingerprint);
    const before = server.asked.length;
    expect((await runMuster('nodes')).stderr).toContain('Nothing was sent to it');
    vi.stubEnv('MUSTER_CA_FINGERPRINT', '');
    expect((await runMuster('nodes')).stderr).toContain('so nothing was sent');
    expect(server.asked).toHaveLength(before);
  });

  it('watches events over the network', async () => {
    await loginWithKey();
    const event = {
      id: 5,
      at: '2026-01-01T00:00:00.000Z',
      kind: 'node-added',
      severity: 'info',
      nodeId: null,
      nodeName: null,
      message: 'hello',
      data: {},
    };
    server.answer = ({ headers }) =>
      headers.accept === 'text/event-stream'
        ? (response) => void response.end(`data: ${JSON.stringify(event)}\n\n`)
        : { body: { items: [] } };
    const { stdout, stderr } = await runMuster('events', '-f');
    expect(stdout).toContain('hello');
    expect(stderr).toContain('The server is gone');
    expect(server.asked.at(-1)?.headers.authorization).toBe('Bearer muster_key');
  });
});
