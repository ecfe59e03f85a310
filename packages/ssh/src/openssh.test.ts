import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { allCommandLines } from '../test/process-tree.ts';
import { makeKey, runProgram } from '../test/run-program.ts';
import { startSilentServer } from '../test/silent-server.ts';
import { startAgent, type TestAgent } from '../test/test-agent.ts';
import { testFolder } from '../test/test-folder.ts';
import { startSshd, type TestSshd, type TestSshdOptions } from '../test/test-sshd.ts';
import { type Connection, type HostLogin, HostOpener, type HostOpenerOptions, KeyRing } from './index.ts';

let sshd: TestSshd;
let folder: string;
const others: TestSshd[] = [];
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
  await Promise.all(others.splice(0).map((one) => one.stop()));
});

afterAll(async () => {
  agents.forEach((agent) => agent.stop());
  await sshd.stop();
});

async function start(options: TestSshdOptions): Promise<TestSshd> {
  const one = await startSshd(options);
  others.push(one);
  return one;
}

/** Logs in to a test's sshd with its own key and known_hosts, by OpenSSH unless said otherwise. */
async function connect(to: TestSshd, login: Partial<HostLogin> = {}, options: Partial<HostOpenerOptions> = {}): Promise<Connection> {
  const file = join(folder, 'config');
  await writeFile(file, 'Host *\n  ServerAliveInterval 1\n  ServerAliveCountMax 2\n');
  const opener = new HostOpener({
    keys: new KeyRing({ homeFolder: folder }),
    config: { file },
    files: [to.knownHostsFile],
    transport: 'openssh',
    ...options,
  });
  const connection = await opener.open({
    name: 'node1',
    address: '127.0.0.1',
    port: to.port,
    user: userInfo().username,
    privateKeyFile: to.keyFile,
    ...login,
  });
  connections.push(connection);
  return connection;
}

/** Which client a connection has is seen by the folder of its socket. */
const socketFolders = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.startsWith('muster-ssh-'));

describe('a connection carried by OpenSSH', () => {
  test('runs scripts, and tells their status and both outputs', async () => {
    const connection = await connect(sshd);
    expect(await connection.exec('cat; echo out; echo err >&2; exit 3', { stdin: 'in ' })).toMatchObject({
      exitCode: 3,
      stdout: 'in out\n',
      stderr: 'err\n',
    });
    expect((await connection.exec(['printf', '%s|', 'a b', "it's", '$(id)'])).stdout).toBe("a b|it's|$(id)|");
    const bytes = Buffer.from([0, 1, 128, 255, 10, 254]);
    expect((await connection.exec('cat', { stdin: bytes })).stdoutBytes).toEqual(bytes);
  });

  test('knows the key of its host, and keeps its socket in a private folder that goes with it', async () => {
    const connection = await connect(sshd);
    expect(connection.hostKey).toBe(`ssh-ed25519 ${(await sshd.hostKey()).toString('base64')}`);
    const [name = ''] = await socketFolders();
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o700);
    await connection.close();
    expect(await connection.closed).toBeUndefined();
    expect(await socketFolders()).toEqual([]);
    await expect.poll(() => sshd.sessionPids()).toEqual([]);
    await expect(connection.exec('true')).rejects.toMatchObject({ kind: 'connectionLost' });
  });

  test('ends with its owner, even when that is killed', async () => {
    const known = sshd.knownHostsFile;
    const login = { name: 'node1', address: '127.0.0.1', port: sshd.port, user: userInfo().username, privateKeyFile: sshd.keyFile };
    const program = `import { HostOpener, KeyRing } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
      const options = { keys: new KeyRing(), files: [${JSON.stringify(known)}], config: { file: 'none' }, transport: 'openssh' };
      const connection = await new HostOpener(options).open(${JSON.stringify(login)});
      void connection.exec('sleep 4712').catch(() => undefined);
      console.log('in');
      setInterval(() => undefined, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(owner.stdout, 'data');
    expect(sshd.sessionPids()).not.toEqual([]);
    owner.kill('SIGKILL');
    await expect.poll(() => sshd.sessionPids(), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => allCommandLines().filter((line) => line.includes(known))).toEqual([]);
  });

  test('twenty commands at once share one login', async () => {
    const connection = await connect(sshd);
    const logins = (): number => sshd.log().match(/Accepted publickey/gu)?.length ?? 0;
    const before = logins();
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => connection.exec(['echo', String(index)])));
    expect(results.map((result) => result.stdout)).toEqual(Array.from({ length: 20 }, (_, index) => `${index}\n`));
    expect(logins()).toBe(before);
  });

  test('uploads, and does nothing where the file is there', async () => {
    const connection = await connect(sshd);
    const content = Buffer.alloc(3_000_001, 'content');
    const target = join(sshd.homeFolder, 'uploaded');
    expect(await connection.upload(content, target, { mode: 0o640 })).toMatchObject({ changed: true, sentBytes: content.length });
    expect((await readFile(target)).equals(content)).toBe(true);
    expect(await connection.upload(content, target, { mode: 0o640 })).toMatchObject({ changed: false, sentBytes: 0 });
  });

  test('gives sudo its password on standard input, and no process list shows it', async () => {
    const program = join(sshd.programFolder, 'sudo');
    const asks =
      'while [ "$1" != -- ]; do [ "$1" = -p ] && prompt=$2; [ "$1" = -n ] && { echo "sudo: a password is required" >&2; exit 1; }; shift; done';
    await writeFile(
      program,
      `#!/bin/sh\n${asks}\nshift\nprintf %s "$prompt" >&2\nIFS= read -r answer\n[ "$answer" = s3cret-word ] && exec "$@"\nexit 1\n`,
    );
    await chmod(program, 0o755);
    const file = join(folder, 'config');
    await writeFile(file, '');
    const opener = new HostOpener({
      keys: new KeyRing({ homeFolder: folder }),
      config: { file },
      files: [sshd.knownHostsFile],
      transport: 'openssh',
    });
    const login = { name: 'node1', address: '127.0.0.1', port: sshd.port, user: userInfo().username, privateKeyFile: sshd.keyFile };
    const connection = await opener.open(login, { sudoPassword: 's3cret-word', sudoForRoot: true });
    connections.push(connection);
    const running = connection.exec('cat; sleep 0.5', { sudo: true, stdin: 'as root' });
    await sleep(300);
    expect(allCommandLines().filter((line) => line.includes('s3cret-word'))).toEqual([]);
    expect((await running).stdout).toBe('as root');
  });

  test('a time limit stops the command on the host', async () => {
    const connection = await connect(sshd);
    await expect(connection.exec('sleep 4711', { timeoutSeconds: 0.7 })).rejects.toMatchObject({ kind: 'timeout' });
    await expect.poll(() => allCommandLines().filter((line) => line === 'sleep 4711 ')).toEqual([]);
  });

  test('a flood is bounded', async () => {
    const result = await (await connect(sshd)).exec('head -c 20000000 /dev/zero', { maxOutputBytes: 1000 });
    expect(result).toMatchObject({ exitCode: 0, truncated: true });
    expect(result.stdoutBytes).toHaveLength(1000);
  });
});

describe('a host that allows one session at a time (MaxSessions)', () => {
  test('is waited for, and refuses with a reason where the first lasts', async () => {
    const connection = await connect(await start({ config: ['MaxSessions 1'] }));
    const outputs = await Promise.all([connection.exec('sleep 0.2; echo one'), connection.exec('echo two')]);
    expect(outputs.map((output) => output.stdout)).toEqual(['one\n', 'two\n']);
    const first = connection.exec('sleep 4; echo first');
    await sleep(500);
    await expect(connection.exec('true')).rejects.toMatchObject({ kind: 'channelRefused', advice: expect.stringContaining('MaxSessions') });
    expect((await first).stdout).toBe('first\n');
  });

  test('a script that speaks as a refused session does runs once', async () => {
    const connection = await connect(sshd);
    const file = join(sshd.homeFolder, 'runs');
    const script = `echo run >>${file}; echo 'mux_client_request_session: session request failed' >&2; exit 255`;
    expect(await connection.exec(script)).toMatchObject({ exitCode: 255 });
    expect(await readFile(file, 'utf8')).toBe('run\n');
  });
});

describe('what is lost is never a success', () => {
  test('the session is killed in mid-command', async () => {
    const connection = await connect(sshd);
    const running = connection.exec('echo begun; sleep 30', { label: 'long work' });
    const end = expect(running).rejects.toMatchObject({ kind: 'connectionLost', command: 'long work' });
    await sleep(400);
    sshd.sessionPids().forEach((pid) => process.kill(pid, 'SIGKILL'));
    await end;
    expect(await connection.closed).toMatchObject({ kind: 'connectionLost' });
    await expect(connection.exec('true')).rejects.toMatchObject({ kind: 'connectionLost' });
    expect(await socketFolders()).toEqual([]);
  });

  test('the peer freezes', async () => {
    const connection = await connect(sshd);
    const running = connection.exec('sleep 30');
    const end = expect(running).rejects.toMatchObject({ kind: 'connectionLost' });
    await sleep(400);
    const frozen = sshd.sessionPids();
    frozen.forEach((pid) => process.kill(pid, 'SIGSTOP'));
    await end;
    frozen.forEach((pid) => process.kill(pid, 'SIGKILL'));
  });

  test('the shell of a script is killed', async () => {
    await expect((await connect(sshd)).exec('echo begun; kill -KILL $$')).rejects.toMatchObject({ kind: 'connectionLost' });
  });
});

describe('the end of a script, which ssh alone does not tell,', () => {
  test.each([
    ['exit 255', 255],
    ["sh -c 'kill -KILL $$'", 137],
    ['printf "no newline"; exit 4', 4],
  ])('is told by itself: %s', async (script, exitCode) => {
    expect(await (await connect(sshd)).exec(script)).toMatchObject({ exitCode, truncated: false });
  });

  test('does not wait for a child left behind that holds the output', async () => {
    const startedAtMs = performance.now();
    expect(await (await connect(sshd)).exec('sleep 20 & echo out')).toMatchObject({ exitCode: 0, stdout: 'out\n' });
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
  });

  test('comes after all of the output, however slowly that is taken', async () => {
    const sizes: number[] = [];
    const onOutput = async ({ data }: { readonly data: Buffer }): Promise<void> => {
      await sleep(5);
      sizes.push(data.length);
    };
    const result = await (await connect(sshd)).exec('head -c 1000000 /dev/zero; echo err >&2', { onOutput });
    expect(result.stdoutBytes).toHaveLength(1_000_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1_000_004);
  });
});

describe('a login that fails says why', () => {
  test('an unknown host is refused, also where it could be asked about', async () => {
    const opening = connect(sshd, {}, { files: [join(folder, 'empty')], confirmHostKey: async () => true });
    await expect(opening).rejects.toMatchObject({ kind: 'hostKeyUnknown', host: { name: 'node1' } });
    expect(await socketFolders()).toEqual([]);
  });

  test('a changed key', async () => {
    const file = join(folder, 'known hosts 100%d');
    await writeFile(file, `[127.0.0.1]:${sshd.port} ${await readFile(`${await makeKey(folder, 'other')}.pub`, 'utf8')}`);
    await expect(connect(sshd, {}, { files: [file] })).rejects.toMatchObject({ kind: 'hostKeyChanged' });
  });

  test('policies no and acceptNew: only the second writes', async () => {
    const file = join(folder, 'known hosts 100%d');
    await connect(sshd, {}, { files: [file], policy: 'no' });
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await connect(sshd, {}, { files: [file], policy: 'acceptNew' });
    expect(await readFile(file, 'utf8')).toContain('ssh-ed25519');
  });

  test.each([
    ['a key that is not authorised', async () => ({ privateKeyFile: await makeKey(folder, 'stranger') }), 'authFailed'],
    ['nothing listens', async () => ({ port: 1 }), 'unreachable'],
    ['a password', async () => ({ password: 's3cret-word' }), 'unsupported'],
    ['an option that is none', async () => ({ sshArguments: ['-o Bogus=1'] }), 'sshConfigUnusable'],
  ])('%s', async (_name, login, kind) => {
    const error: unknown = await connect(sshd, await login()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind, host: { name: 'node1' } });
    expect(String(error)).not.toContain('s3cret-word');
  });

  test('a silent host, within the time limit', async () => {
    const silent = await startSilentServer();
    await expect(connect(sshd, { port: silent.port, connectTimeoutSeconds: 0.7 })).rejects.toMatchObject({ kind: 'timeout' });
    silent.close();
  });

  test('an abort ends it', async () => {
    const silent = await startSilentServer();
    const control = new AbortController();
    const opening = connect(sshd, { port: silent.port }, { signal: control.signal });
    setTimeout(() => control.abort(new Error('Ctrl-C')), 200);
    await expect(opening).rejects.toMatchObject({ kind: 'aborted' });
    expect(await socketFolders()).toEqual([]);
    silent.close();
  });
});

describe('OpenSSH is chosen by itself', () => {
  const auto = { transport: 'auto' } as const;

  test('never where the built-in client can', async () => {
    await connect(sshd, {}, auto);
    expect(await socketFolders()).toEqual([]);
  });

  test('for a host with post-quantum key exchange only', async () => {
    const modern = await start({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
    expect((await (await connect(modern, {}, auto)).exec('echo in')).stdout).toBe('in\n');
    expect(await socketFolders()).toHaveLength(1);
    await expect(connect(modern, { transport: 'ssh2' }, auto)).rejects.toMatchObject({ kind: 'handshakeFailed' });
  });

  test('for a user certificate', async () => {
    const authority = await makeKey(folder, 'authority');
    const trusting = await start({ config: [`TrustedUserCAKeys ${authority}.pub`] });
    const privateKeyFile = await makeKey(folder, 'certified');
    await expect(connect(trusting, { privateKeyFile }, auto)).rejects.toMatchObject({ kind: 'authFailed' });
    await runProgram('ssh-keygen', ['-q', '-s', authority, '-I', 'me', '-n', userInfo().username, `${privateKeyFile}.pub`]);
    expect((await (await connect(trusting, { privateKeyFile }, auto)).exec('echo in')).stdout).toBe('in\n');
    await expect(connect(trusting, { privateKeyFile, transport: 'ssh2' }, auto)).rejects.toMatchObject({ kind: 'authFailed' });
  });

  test('for a certificate that is in the agent', async () => {
    const authority = await makeKey(folder, 'authority');
    const trusting = await start({ config: [`TrustedUserCAKeys ${authority}.pub`] });
    const key = await makeKey(folder, 'certified');
    await runProgram('ssh-keygen', ['-q', '-s', authority, '-I', 'me', '-n', userInfo().username, `${key}.pub`]);
    const agent = await startAgent(folder, [key]);
    agents.push(agent);
    vi.stubEnv('SSH_AUTH_SOCK', agent.socket);
    const keys = new KeyRing({ homeFolder: folder, agentSocket: agent.socket });
    const connection = await connect(trusting, { privateKeyFile: undefined }, { ...auto, keys });
    expect((await connection.exec('echo in')).stdout).toBe('in\n');
    expect(await socketFolders()).toHaveLength(1);
  });

  test('for a host known by its certificate authority', async () => {
    const authority = await makeKey(folder, 'authority');
    const hostFolder = join(folder, 'host');
    await mkdir(hostFolder);
    const hostKey = await makeKey(hostFolder, 'key');
    await runProgram('ssh-keygen', ['-q', '-s', authority, '-h', '-I', 'node1', '-n', '127.0.0.1', `${hostKey}.pub`]);
    const certified = await start({ config: [`HostKey ${hostKey}`, `HostCertificate ${hostKey}-cert.pub`] });
    const files = [join(folder, 'known_hosts')];
    await writeFile(files[0] ?? '', `@cert-authority *,[127.0.0.1]:* ${await readFile(`${authority}.pub`, 'utf8')}`);
    const connection = await connect(certified, {}, { ...auto, files });
    expect((await connection.exec('echo in')).stdout).toBe('in\n');
    const [type, blob] = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ');
    expect(connection.hostKey).toBe(`${type} ${blob}`);
    await expect(connect(certified, {}, { ...auto, files, transport: 'ssh2' })).rejects.toMatchObject({ kind: 'hostKeyUnknown' });
  });

  test('but a host without a certificate is asked about as ever, though an authority is trusted', async () => {
    const files = [join(folder, 'known_hosts')];
    await writeFile(files[0] ?? '', `@cert-authority * ${await readFile(`${await makeKey(folder, 'authority')}.pub`, 'utf8')}`);
    const asked: string[] = [];
    const confirmHostKey = async ({ text }: { readonly text: string }): Promise<boolean> => asked.push(text) > 0;
    await connect(sshd, {}, { ...auto, files, confirmHostKey });
    expect(asked).toEqual([expect.stringContaining('trusts a certificate authority for it')]);
    expect(await socketFolders()).toEqual([]);
  });

  test('for a ProxyCommand and for options only it can follow; the built-in client names them', async () => {
    const proxy = `-o ProxyCommand="ssh -F /dev/null -i ${sshd.keyFile} -o UserKnownHostsFile=${sshd.knownHostsFile} -p ${sshd.port} -W %h:%p 127.0.0.1"`;
    const connection = await connect(sshd, { sshArguments: [proxy, '-o Ciphers=aes256-ctr'] }, auto);
    expect((await connection.exec('echo in')).stdout).toBe('in\n');
    await expect(connect(sshd, { sshArguments: [proxy, '-o Ciphers=aes256-ctr'], transport: 'ssh2' }, auto)).rejects.toMatchObject({
      kind: 'unsupported',
      what: expect.stringContaining('ProxyCommand, Ciphers'),
    });
  });

  test('for a host behind a jump host, which OpenSSH then passes by itself', async () => {
    const modern = await start({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
    const file = join(folder, 'jumping');
    const gate = ['HostName 127.0.0.1', `Port ${sshd.port}`, `IdentityFile ${sshd.keyFile}`, `UserKnownHostsFile ${sshd.knownHostsFile}`];
    await writeFile(file, ['Host gate', ...gate, 'Host 127.0.0.1', 'ProxyJump gate', ''].join('\n'));
    const connection = await connect(modern, {}, { ...auto, config: { file }, files: [modern.knownHostsFile, sshd.knownHostsFile] });
    expect((await connection.exec('echo behind')).stdout).toBe('behind\n');
    expect(await socketFolders()).toHaveLength(1);
    expect(sshd.sessionPids()).not.toEqual([]);
    await connection.close();
    await expect.poll(() => sshd.sessionPids()).toEqual([]);
  });

  test('and where there is none, the built-in client says what it cannot do', async () => {
    const modern = await start({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
    const options = { ...auto, config: { program: '/nonexistent/ssh' } };
    await expect(connect(modern, {}, options)).rejects.toMatchObject({ kind: 'handshakeFailed' });
    await expect(connect(modern, { transport: 'openssh' }, options)).rejects.toMatchObject({ kind: 'unsupported' });
  });
});
