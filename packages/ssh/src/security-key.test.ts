import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeKey } from '../test/run-program.ts';
import { makeSecurityKey, type SecurityKeyType, type SoftSecurityKey, startSecurityKeyAgent } from '../test/security-keys.ts';
import type { TestAgent } from '../test/test-agent.ts';
import { testFolder } from '../test/test-folder.ts';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { type Connection, type HostLogin, HostOpener, KeyRing, type Transport } from './index.ts';

let sshd: TestSshd;
let folder: string;
const connections: Connection[] = [];
const agents: TestAgent[] = [];

beforeAll(async () => {
  sshd = await startSshd();
});

beforeEach(async () => {
  folder = await testFolder();
  vi.stubEnv('TMPDIR', folder);
});

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  agents.splice(0).forEach((agent) => agent.stop());
});

afterAll(async () => {
  await sshd.stop();
});

/** Logs in as a person with this home folder, agent and configuration would. */
async function connect({ config = '', login = {}, transport = 'auto', agent = '' }: Attempt): Promise<Connection> {
  const file = join(folder, 'config');
  // OpenSSH would otherwise look into the home folder of whoever runs the tests.
  await writeFile(file, config);
  vi.stubEnv('SSH_AUTH_SOCK', agent);
  const keys = new KeyRing({ homeFolder: folder, agentSocket: agent });
  const opener = new HostOpener({ keys, config: { file }, files: [sshd.knownHostsFile], transport });
  const host = { name: 'node1', address: '127.0.0.1', port: sshd.port, user: userInfo().username };
  const connection = await opener.open({ ...host, ...login });
  connections.push(connection);
  return connection;
}

type Attempt = { readonly config?: string; readonly login?: Partial<HostLogin>; readonly transport?: Transport; readonly agent?: string };

const authorise = (line: string): Promise<void> => appendFile(join(sshd.folder, 'authorized_keys'), line);

async function agentWith(keys: readonly SoftSecurityKey[]): Promise<string> {
  const agent = await startSecurityKeyAgent(folder, keys);
  agents.push(agent);
  return agent.socket;
}

const isByOpenSsh = async (): Promise<boolean> => (await readdir(folder)).some((name) => name.startsWith('muster-ssh-'));

describe.each<SecurityKeyType>(['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'])('a security key, %s,', (type) => {
  test('that the agent holds logs in by OpenSSH', async () => {
    const key = makeSecurityKey(type);
    await authorise(key.publicLine);
    const connection = await connect({ agent: await agentWith([key]) });
    expect((await connection.exec('echo in')).stdout).toBe('in\n');
    expect(await isByOpenSsh()).toBe(true);
  });

  test.each([
    ['an IdentityFile with its private file', 'privateFile', ''],
    ['an IdentityFile of which the public half alone is there', 'publicLine', '.pub'],
  ] as const)('of %s logs in by OpenSSH at once', async (_title, content, ending) => {
    const key = makeSecurityKey(type);
    await authorise(key.publicLine);
    const file = join(folder, 'token');
    await writeFile(`${file}${ending}`, key[content], { mode: 0o600 });
    const refusals = sshd.log().match(/Failed|Connection closed by authenticating/gu)?.length ?? 0;
    const connection = await connect({ config: `IdentityFile ${file}\nIdentitiesOnly yes\n`, agent: await agentWith([key]) });
    expect((await connection.exec('echo in')).stdout).toBe('in\n');
    expect(await isByOpenSsh()).toBe(true);
    expect(sshd.log().match(/Failed|Connection closed by authenticating/gu)?.length ?? 0).toBe(refusals);
  });

  test('that is not plugged in is told with the reason why OpenSSH was chosen', async () => {
    const key = makeSecurityKey(type);
    await authorise(key.publicLine);
    const privateKeyFile = join(folder, 'token');
    await writeFile(privateKeyFile, key.privateFile, { mode: 0o600 });
    await expect(connect({ login: { privateKeyFile } })).rejects.toMatchObject({
      kind: 'authFailed',
      what: expect.stringContaining(`OpenSSH (chosen for the security key ${privateKeyFile}) could not log in`),
      advice: expect.stringContaining('plugged in'),
    });
    await expect(connect({ login: { privateKeyFile }, transport: 'ssh2' })).rejects.toMatchObject({
      kind: 'keyUnreadable',
      advice: expect.stringContaining('need OpenSSH'),
    });
  });
});

describe('a security key that nobody named', () => {
  const name = 'id_ed25519_sk';

  test('is shown where nothing else lets in', async () => {
    await mkdir(join(folder, '.ssh'));
    await writeFile(join(folder, '.ssh', name), makeSecurityKey('sk-ssh-ed25519@openssh.com').privateFile, { mode: 0o600 });
    await expect(connect({})).rejects.toMatchObject({
      kind: 'authFailed',
      what: expect.stringContaining(`(chosen for the security key ${folder}/.ssh/${name})`),
    });
  });

  test('is left alone where a plain key lets in: it might want a touch', async () => {
    await mkdir(join(folder, '.ssh'));
    const key = await makeKey(join(folder, '.ssh'), 'id_ed25519');
    await authorise(await readFile(`${key}.pub`, 'utf8'));
    await writeFile(join(folder, '.ssh', name), makeSecurityKey('sk-ssh-ed25519@openssh.com').privateFile, { mode: 0o600 });
    expect((await (await connect({})).exec('echo in')).stdout).toBe('in\n');
    expect(await isByOpenSsh()).toBe(false);
  });
});
