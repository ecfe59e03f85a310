import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSilentServer } from '../test/silent-server.ts';
import { startAgent, type TestAgent } from '../test/test-agent.ts';
import { makeKey } from '../test/run-program.ts';
import { testFolder } from '../test/test-folder.ts';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { type HostLogin, HostOpener, type HostOpenerOptions, KeyRing } from './index.ts';

let sshd: TestSshd;
const agents: TestAgent[] = [];

beforeAll(async () => {
  sshd = await startSshd();
});

afterAll(async () => {
  agents.forEach((agent) => agent.stop());
  await sshd.stop();
});

const me = userInfo().username;

/** An opener by a configuration that leads the name `web1` to the test's sshd, with the lines given. */
async function openerBy(lines: readonly string[], options: Partial<HostOpenerOptions> = {}): Promise<HostOpener> {
  const file = join(await testFolder(), 'config');
  const text = ['Host web1', 'HostName 127.0.0.1', `Port ${sshd.port}`, `User ${me}`, 'GlobalKnownHostsFile none', ...lines];
  await writeFile(file, `${text.join('\n')}\n`);
  return new HostOpener({ keys: new KeyRing({ homeFolder: sshd.folder }), config: { file }, ...options });
}

const known = (): string => `UserKnownHostsFile ${sshd.knownHostsFile}`;
const key = (): string => `IdentityFile ${sshd.keyFile}`;
const web1: HostLogin = { name: 'node1', address: 'web1' };

async function whoami(opener: HostOpener, login: HostLogin = web1): Promise<string> {
  const connection = await opener.open(login);
  const { stdout } = await connection.exec('id -un');
  await connection.close();
  return stdout.trim();
}

describe('a host of the SSH configuration', () => {
  test('is logged in to by it alone', async () => {
    const opener = await openerBy([known(), 'IdentityFile /nonexistent/key', key()]);
    const connection = await opener.open(web1);
    expect(connection.host).toEqual({ name: 'node1', address: '127.0.0.1', port: sshd.port });
    await connection.close();
  });

  test('what the inventory says wins', async () => {
    const opener = await openerBy([known(), 'IdentityFile /nonexistent/key']);
    await expect(whoami(opener, { ...web1, privateKeyFile: sshd.keyFile })).resolves.toBe(me);
    await expect(opener.open({ ...web1, privateKeyFile: sshd.keyFile, user: 'nobody-here' })).rejects.toMatchObject({
      kind: 'authFailed',
      what: expect.stringContaining('login as nobody-here'),
    });
    await expect(opener.open({ ...web1, port: 1 })).rejects.toMatchObject({ kind: 'unreachable', host: { port: 1 } });
  });

  test("the operator's options win over it", async () => {
    const opener = await openerBy(['IdentityFile /nonexistent/key', 'UserKnownHostsFile none'], {
      privateKeyFile: sshd.keyFile,
      files: [sshd.knownHostsFile],
    });
    await expect(whoami(opener)).resolves.toBe(me);
  });

  test('with SSH arguments of the inventory', async () => {
    const opener = await openerBy(['IdentityFile /nonexistent/key']);
    const sshArguments = [`-o IdentityFile="${sshd.keyFile}"`, `-o UserKnownHostsFile=${sshd.knownHostsFile} -C`];
    await expect(whoami(opener, { ...web1, sshArguments })).resolves.toBe(me);
  });

  test('StrictHostKeyChecking yes asks nobody, accept-new remembers, no lets pass', async () => {
    const file = join(await testFolder(), 'known_hosts');
    const asked: string[] = [];
    const confirmHostKey = async ({ text }: { readonly text: string }): Promise<boolean> => asked.push(text) > 0;
    const by = (word: string): Promise<HostOpener> =>
      openerBy([key(), `UserKnownHostsFile ${file}`, `StrictHostKeyChecking ${word}`], { confirmHostKey });
    await expect((await by('yes')).open(web1)).rejects.toMatchObject({ kind: 'hostKeyUnknown' });
    expect(asked).toEqual([]);
    await expect(whoami(await by('no'))).resolves.toBe(me);
    await expect(whoami(await by('accept-new'))).resolves.toBe(me);
    expect(await readFile(file, 'utf8')).toContain(`[127.0.0.1]:${sshd.port} ssh-ed25519 `);
    await expect(whoami(await by('yes'))).resolves.toBe(me);
  });

  test('HostKeyAlias is the name its key is filed under', async () => {
    const file = join(await testFolder(), 'known_hosts');
    await writeFile(file, `the-alias ${await readFile(join(sshd.folder, 'host_ed25519.pub'), 'utf8')}`);
    await expect(whoami(await openerBy([key(), `UserKnownHostsFile ${file}`, 'HostKeyAlias the-alias']))).resolves.toBe(me);
  });

  test('IdentityAgent signs, and with IdentitiesOnly only by the named keys', async () => {
    const folder = await testFolder();
    const stranger = await makeKey(folder, 'stranger');
    const agent = await startAgent(folder, [stranger, sshd.keyFile]);
    agents.push(agent);
    const lines = [known(), `IdentityAgent ${agent.socket}`];
    await expect(whoami(await openerBy(lines))).resolves.toBe(me);
    const only = await openerBy([...lines, 'IdentitiesOnly yes', `IdentityFile ${stranger}`]);
    const error: unknown = await only.open(web1).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'authFailed' });
    expect(String(error).match(/agent key/gu)).toHaveLength(1);
  });

  test('an IdentityFile may be the public half of a key that only the agent has', async () => {
    const folder = await testFolder();
    const agent = await startAgent(folder, [await makeKey(folder, 'stranger'), sshd.keyFile]);
    agents.push(agent);
    const file = join(folder, 'public');
    await writeFile(`${file}.pub`, await readFile(`${sshd.keyFile}.pub`));
    for (const name of [file, `${file}.pub`]) {
      const lines = [known(), `IdentityAgent ${agent.socket}`, 'IdentitiesOnly yes', `IdentityFile ${name}`];
      await expect(whoami(await openerBy(lines))).resolves.toBe(me);
    }
  });

  test('ConnectTimeout is honoured unless the operator says another', async () => {
    const opener = await openerBy([known(), key(), 'ConnectTimeout 1']);
    const silent = await startSilentServer();
    await expect(opener.open({ ...web1, port: silent.port })).rejects.toMatchObject({ what: expect.stringContaining('within 1 s') });
    const patient = await openerBy([known(), key(), 'ConnectTimeout 600'], { connectTimeoutSeconds: 0.5 });
    await expect(patient.open({ ...web1, port: silent.port })).rejects.toMatchObject({ what: expect.stringContaining('within 0.5 s') });
    silent.close();
  });
});
