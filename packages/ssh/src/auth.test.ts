import { appendFile, chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { acceptPassword, type FakeSshServer, startFakeSshServer } from '../test/fake-ssh-server.ts';
import { makeKey, runProgram } from '../test/run-program.ts';
import { startAgent, type TestAgent } from '../test/test-agent.ts';
import { testFolder } from '../test/test-folder.ts';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { createHostKeyChecker, fanOut, KeyRing, openConnection, type SshTarget } from './index.ts';

let sshd: TestSshd;
let folder: string;
const agents: TestAgent[] = [];
const fakes: FakeSshServer[] = [];

beforeAll(async () => {
  sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] });
});

beforeEach(async () => {
  folder = await testFolder();
});

afterEach(() => {
  agents.splice(0).forEach((agent) => agent.stop());
  fakes.splice(0).forEach((fake) => fake.close());
});

afterAll(() => sshd.stop());

async function authorise(keyFile: string): Promise<void> {
  await appendFile(join(sshd.folder, 'authorized_keys'), await readFile(`${keyFile}.pub`));
}

/** A key that may log in, of the wanted kind. */
async function authorisedKey(name: string, type = 'ed25519', passphrase = ''): Promise<string> {
  const file = await makeKey(folder, name, type, passphrase);
  await authorise(file);
  return file;
}

async function agentWith(keyFiles: readonly string[]): Promise<string> {
  const agent = await startAgent(folder, keyFiles);
  agents.push(agent);
  return agent.socket;
}

async function login(target: SshTarget, keys: KeyRing): Promise<string> {
  const connection = await openConnection(target, sshd.options({ keys }));
  const { stdout } = await connection.exec('echo in');
  await connection.close();
  return stdout;
}

describe('a key file', () => {
  test.each(['ed25519', 'ecdsa', 'rsa'])('of type %s', async (type) => {
    const privateKeyFile = await authorisedKey('key', type);
    expect(await login(sshd.target({ privateKeyFile }), new KeyRing({ homeFolder: folder }))).toBe('in\n');
  });

  test.each([['OpenSSH'], ['PEM']])('encrypted, in %s format, is asked for once for all hosts', async (format) => {
    const privateKeyFile = await authorisedKey('key', 'rsa', 'open sesame');
    if (format === 'PEM') {
      await runProgram('ssh-keygen', ['-q', '-p', '-P', 'open sesame', '-N', 'open sesame', '-m', 'PEM', '-f', privateKeyFile]);
    }
    const promptSecret = vi.fn(async () => 'open sesame');
    const keys = new KeyRing({ homeFolder: folder, promptSecret });
    const results = await fanOut(
      Array.from({ length: 10 }, (_, index) => index),
      10,
      () => login(sshd.target({ privateKeyFile }), keys),
    );
    expect(results.filter((result) => result.status !== 'done')).toEqual([]);
    expect(promptSecret).toHaveBeenCalledTimes(1);
    expect(promptSecret).toHaveBeenCalledWith({ file: privateKeyFile, attempt: 1, text: `Passphrase for ${privateKeyFile}` });
  });

  test('encrypted, asks again after a wrong passphrase, three times at most', async () => {
    const privateKeyFile = await authorisedKey('key', 'ed25519', 'right');
    const promptSecret = vi.fn(async () => 'right').mockResolvedValueOnce('wrong');
    expect(await login(sshd.target({ privateKeyFile }), new KeyRing({ homeFolder: folder, promptSecret }))).toBe('in\n');
    expect(promptSecret).toHaveBeenCalledTimes(2);
    const never = vi.fn(async () => 'wrong');
    await expect(login(sshd.target({ privateKeyFile }), new KeyRing({ homeFolder: folder, promptSecret: never }))).rejects.toMatchObject({
      kind: 'keyUnreadable',
    });
    expect(never).toHaveBeenCalledTimes(3);
  });

  test('encrypted, with nobody to ask, says how to go on', async () => {
    const privateKeyFile = await authorisedKey('key', 'ed25519', 'secret');
    await expect(login(sshd.target({ privateKeyFile }), new KeyRing({ homeFolder: folder }))).rejects.toMatchObject({
      kind: 'keyUnreadable',
      what: `the private key ${privateKeyFile} is encrypted`,
      advice: `Add it to the agent with \`ssh-add ${privateKeyFile}\`, or give its passphrase.`,
    });
  });

  test('that is missing, open to others, public, or no key at all', async () => {
    const key = await authorisedKey('key');
    const open = await authorisedKey('open');
    await chmod(open, 0o644);
    const garbage = join(folder, 'garbage');
    await writeFile(garbage, 'not a key', { mode: 0o600 });
    await chmod(`${key}.pub`, 0o600);
    const what = async (privateKeyFile: string): Promise<unknown> => {
      const error: unknown = await login(sshd.target({ privateKeyFile }), new KeyRing({ homeFolder: folder })).catch(
        (caught: unknown) => caught,
      );
      expect(error).toMatchObject({ kind: 'keyUnreadable', host: { name: 'node1' } });
      return error instanceof Error && 'what' in error ? error.what : undefined;
    };
    expect(await what(join(folder, 'none'))).toMatch(/does not exist/);
    expect(await what(open)).toMatch(/can be read by other users/);
    expect(await what(`${key}.pub`)).toMatch(/holds a public key/);
    expect(await what(garbage)).toMatch(/holds no private key that can be used/);
  });
});

describe('without a named file', () => {
  test("the agent's keys are tried, then the default files in OpenSSH's order", async () => {
    await mkdir(join(folder, '.ssh'));
    for (const [name, type] of [
      ['id_rsa', 'rsa'],
      ['id_ed25519', 'ed25519'],
    ] as const) {
      await rename(await makeKey(folder, name, type), join(folder, '.ssh', name));
    }
    const agentSocket = await agentWith([await makeKey(folder, 'in-agent')]);
    const keys = new KeyRing({ homeFolder: folder, agentSocket });
    const error: unknown = await login(sshd.target({ privateKeyFile: undefined }), keys).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'authFailed' });
    expect(String(error)).toMatch(/tried agent key ssh-ed25519 SHA256:\S+, key \S+id_ed25519, key \S+id_rsa; the host accepts publickey/);
  });

  test('a default file logs in', async () => {
    await mkdir(join(folder, '.ssh'));
    await rename(await authorisedKey('id_ecdsa', 'ecdsa'), join(folder, '.ssh', 'id_ecdsa'));
    expect(await login(sshd.target({ privateKeyFile: undefined }), new KeyRing({ homeFolder: folder }))).toBe('in\n');
  });

  test('and with nothing to try, the error says so', async () => {
    await expect(login(sshd.target({ privateKeyFile: undefined }), new KeyRing({ homeFolder: folder }))).rejects.toMatchObject({
      kind: 'authFailed',
      what: expect.stringContaining('there was no key and no password to try'),
    });
  });
});

describe('the agent', () => {
  test('logs in many hosts at once', async () => {
    const agentSocket = await agentWith([await authorisedKey('in-agent')]);
    const keys = new KeyRing({ homeFolder: folder, agentSocket });
    const results = await fanOut(
      Array.from({ length: 30 }, (_, index) => index),
      30,
      () => login(sshd.target({ privateKeyFile: undefined }), keys),
    );
    expect(results.filter((result) => result.status !== 'done')).toEqual([]);
  });

  test('signs for an encrypted key file it holds, so that nobody is asked', async () => {
    const privateKeyFile = await authorisedKey('key');
    const agentSocket = await agentWith([privateKeyFile]);
    await runProgram('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', privateKeyFile]);
    const promptSecret = vi.fn(async () => 'secret');
    expect(await login(sshd.target({ privateKeyFile }), new KeyRing({ homeFolder: folder, agentSocket, promptSecret }))).toBe('in\n');
    expect(promptSecret).not.toHaveBeenCalled();
  });

  test('that is gone is named when the login fails, and is no error by itself', async () => {
    const agentSocket = join(folder, 'no-agent');
    const privateKeyFile = await authorisedKey('key');
    expect(await login(sshd.target({ privateKeyFile }), new KeyRing({ homeFolder: folder, agentSocket }))).toBe('in\n');
    await expect(login(sshd.target({ privateKeyFile: undefined }), new KeyRing({ homeFolder: folder, agentSocket }))).rejects.toMatchObject(
      {
        kind: 'authFailed',
        what: expect.stringContaining(`ssh-agent at ${agentSocket} gives no keys`),
      },
    );
  });

  test('with more keys than sshd allows is explained, and naming the key helps', async () => {
    const strangers = await Promise.all(Array.from({ length: 8 }, (_, index) => makeKey(folder, `stranger${index}`)));
    const privateKeyFile = await authorisedKey('right');
    const agentSocket = await agentWith([...strangers, privateKeyFile]);
    const keys = new KeyRing({ homeFolder: folder, agentSocket });
    await expect(login(sshd.target({ privateKeyFile: undefined }), keys)).rejects.toMatchObject({
      kind: 'authFailed',
      what: expect.stringContaining('MaxAuthTries'),
      advice: expect.stringContaining('ansible_ssh_private_key_file'),
    });
    expect(await login(sshd.target({ privateKeyFile }), keys)).toBe('in\n');
  });

  test('holding a certificate besides its key still logs in by the key', async () => {
    const authority = await makeKey(folder, 'authority');
    const key = await authorisedKey('certified');
    await runProgram('ssh-keygen', ['-q', '-s', authority, '-I', 'id', '-n', 'someone', `${key}.pub`]);
    const agentSocket = await agentWith([key]);
    expect(await login(sshd.target({ privateKeyFile: undefined }), new KeyRing({ homeFolder: folder, agentSocket }))).toBe('in\n');
  });
});

describe('several host keys', () => {
  test.each(['ecdsa', 'rsa', 'ed25519'])('a host known by its %s key alone is no mismatch', async (type) => {
    const file = join(folder, 'known_hosts');
    const publicKey = await readFile(join(sshd.folder, `host_${type}.pub`), 'utf8');
    await writeFile(file, `[127.0.0.1]:${sshd.port} ${publicKey}`);
    const hostKeys = createHostKeyChecker({ policy: 'ask', files: [file] });
    const connection = await openConnection(sshd.target(), sshd.options({ hostKeys }));
    expect(connection.user).toBe(userInfo().username);
    await connection.close();
  });

  test('a changed key stops the login before any key or password is shown', async () => {
    const file = join(folder, 'known_hosts');
    const other = await readFile(`${await makeKey(folder, 'other')}.pub`, 'utf8');
    await writeFile(file, `[127.0.0.1]:${sshd.port} ${other}`);
    const hostKeys = createHostKeyChecker({ policy: 'acceptNew', files: [file] });
    await expect(openConnection(sshd.target(), sshd.options({ hostKeys }))).rejects.toMatchObject({ kind: 'hostKeyChanged' });
  });
});

describe('a password', () => {
  async function fakeTarget(onPassword: Parameters<typeof startFakeSshServer>[0]): Promise<SshTarget> {
    const fake = await startFakeSshServer(onPassword);
    fakes.push(fake);
    return { name: 'fake', address: '127.0.0.1', port: fake.port, user: 'someone', password: 'pass word' };
  }

  const anyHost = createHostKeyChecker({ policy: 'no', files: [] });

  test('logs in where a key does not', async () => {
    const target = await fakeTarget((client) => acceptPassword(client, 'pass word'));
    const connection = await openConnection(target, { hostKeys: anyHost, keys: new KeyRing({ homeFolder: folder }) });
    expect(connection.user).toBe('someone');
    await connection.close();
  });

  test('answers the first hidden question of keyboard-interactive, and no other', async () => {
    const answered: string[][] = [];
    const target = await fakeTarget((client) => {
      client.on('authentication', (context) => {
        if (context.method !== 'keyboard-interactive') {
          context.reject(['keyboard-interactive']);
          return;
        }
        const prompts = [
          { prompt: 'Name:', echo: true },
          { prompt: 'Password:', echo: false },
          { prompt: 'Code:', echo: false },
        ];
        context.prompt(prompts, '', '', (answers: string[]) => {
          answered.push(answers);
          context.accept();
        });
      });
    });
    const connection = await openConnection(target, { hostKeys: anyHost, keys: new KeyRing({ homeFolder: folder }) });
    expect(answered).toEqual([['', 'pass word', '']]);
    await connection.close();
  });

  test('that is wrong is refused without showing it', async () => {
    const target = await fakeTarget((client) => acceptPassword(client, 'another'));
    const error: unknown = await openConnection(target, { hostKeys: anyHost, keys: new KeyRing({ homeFolder: folder }) }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ kind: 'authFailed', what: 'login as someone was refused: tried password; the host accepts password' });
    expect(JSON.stringify(error)).not.toContain('pass word');
    expect(String(error)).not.toContain('pass word');
  });

  test('is not sent to a host whose key has changed, even when keys are not checked', async () => {
    const seen: string[] = [];
    const target = await fakeTarget((client) => {
      client.on('authentication', (context) => {
        seen.push(context.method);
        context.reject(['password']);
      });
    });
    const file = join(folder, 'known_hosts');
    const other = await readFile(`${await makeKey(folder, 'other')}.pub`, 'utf8');
    await writeFile(file, `[127.0.0.1]:${target.port} ${other}`);
    const hostKeys = createHostKeyChecker({ policy: 'no', files: [file] });
    await expect(openConnection(target, { hostKeys, keys: new KeyRing({ homeFolder: folder }) })).rejects.toMatchObject({
      kind: 'authFailed',
    });
    expect(seen).not.toContain('password');
  });
});
