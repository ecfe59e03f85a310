import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from '../src/file-lock.ts';
import { createHostKeyChecker, KeyRing, type ConnectOptions, type SshTarget } from '../src/index.ts';
import { descendantsOf, processesWithEnvironment, readProcFile } from './process-tree.ts';
import { makeKey, readPublicKey } from './run-program.ts';

/** A real sshd on a port of 127.0.0.1, run by the current user, with keys and configuration of its own. */
export interface TestSshd {
  readonly folder: string;
  readonly port: number;
  /** A key that may log in. */
  readonly keyFile: string;
  /** A known_hosts file with this server's keys. */
  readonly knownHostsFile: string;
  /** In sessions this folder comes first in PATH. */
  readonly programFolder: string;
  /** Home folder of sessions, empty at first, so that the user's own .bashrc plays no part. */
  readonly homeFolder: string;
  target(changes?: Partial<SshTarget>): SshTarget;
  options(changes?: Partial<ConnectOptions>): ConnectOptions;
  hostKey(type?: string): Promise<Buffer>;
  /** The sshd processes that serve sessions. */
  sessionPids(): number[];
  log(): string;
  stop(): Promise<void>;
}

/** Settings of {@link startSshd}. */
export interface TestSshdOptions {
  readonly config?: readonly string[];
  readonly hostKeyTypes?: readonly string[];
}

/** Starts a server; the caller stops it. */
export async function startSshd(options: TestSshdOptions = {}): Promise<TestSshd> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-sshd-'));
  const id = `MUSTER_TEST_SSHD=${randomBytes(8).toString('hex')}`;
  const hostKeyTypes = options.hostKeyTypes ?? ['ed25519'];
  await Promise.all(hostKeyTypes.map((type) => makeKey(folder, `host_${type}`, type)));
  const keyFile = await makeKey(folder, 'client');
  await writeFile(join(folder, 'authorized_keys'), await readFile(`${keyFile}.pub`), { mode: 0o600 });
  await Promise.all(['programs', 'home'].map((name) => mkdir(join(folder, name))));
  await enterPrivilegeFolder(folder);
  const { port, child, log } = await listen(folder, id, options.config ?? [], hostKeyTypes);
  const knownHostsFile = join(folder, 'known_hosts');
  const lines = await Promise.all(hostKeyTypes.map((type) => readFile(join(folder, `host_${type}.pub`), 'utf8')));
  await writeFile(knownHostsFile, lines.map((line) => `[127.0.0.1]:${port} ${line}`).join(''));
  return {
    folder,
    port,
    keyFile,
    knownHostsFile,
    programFolder: join(folder, 'programs'),
    homeFolder: join(folder, 'home'),
    target: (changes) => ({
      name: 'node1',
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      privateKeyFile: keyFile,
      ...changes,
    }),
    options: (changes) => ({
      hostKeys: createHostKeyChecker({ policy: 'ask', files: [knownHostsFile] }),
      keys: new KeyRing({ homeFolder: folder }),
      ...changes,
    }),
    hostKey: (type = 'ed25519') => readPublicKey(join(folder, `host_${type}`)),
    sessionPids: () => descendantsOf(child.pid ?? -1).filter((pid) => readProcFile(pid, 'cmdline').startsWith('sshd: ')),
    log,
    stop: () => stop(folder, id, child),
  };
}

async function listen(
  folder: string,
  id: string,
  config: readonly string[],
  hostKeyTypes: readonly string[],
): Promise<{ port: number; child: ChildProcess; log: () => string }> {
  const port = await freePort();
  const file = join(folder, 'sshd_config');
  await writeFile(file, sshdConfig(folder, id, port, config, hostKeyTypes));
  const [name = '', value = ''] = id.split('=');
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], [name]: value },
  });
  let text = '';
  const ready = Promise.withResolvers<void>();
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.includes('Server listening on')) {
      ready.resolve();
    }
  });
  child.once('exit', () => ready.reject(new Error(`sshd did not start: ${text}`)));
  await ready.promise;
  return { port, child, log: () => text };
}

function sshdConfig(folder: string, id: string, port: number, config: readonly string[], hostKeyTypes: readonly string[]): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeyTypes.map((type) => `HostKey ${folder}/host_${type}`),
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'MaxStartups 200',
    // Of these sshd takes the last value, of all others the first.
    ...config,
    `SetEnv ${id} HOME=${folder}/home PATH=${folder}/programs:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    '',
  ].join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function stop(folder: string, id: string, child: ChildProcess): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  // What a session started may have been left behind by it, so it is also looked for by its environment.
  const pids = [...(child.pid === undefined ? [] : [child.pid, ...descendantsOf(child.pid)]), ...processesWithEnvironment(id)];
  for (const pid of new Set(pids)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  await exited;
  await leavePrivilegeFolder(folder);
  await rm(folder, { recursive: true, force: true });
}

// Started by root, sshd wants /run/sshd, which exists only where the service runs. Test files run side by side, so the
// folder is made by the first and removed by the last of them.
const PRIVILEGE_FOLDER = '/run/sshd';
const USERS_FOLDER = join(tmpdir(), 'muster-sshd-users');

async function enterPrivilegeFolder(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) {
    return;
  }
  await withFileLock(USERS_FOLDER, async () => {
    await mkdir(USERS_FOLDER, { recursive: true });
    const made = await mkdir(PRIVILEGE_FOLDER, { mode: 0o755 }).then(
      () => true,
      () => false,
    );
    if (made) {
      await writeFile(join(USERS_FOLDER, 'made'), '');
    }
    await writeFile(join(USERS_FOLDER, userFile(folder)), '');
  });
}

async function leavePrivilegeFolder(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) {
    return;
  }
  await withFileLock(USERS_FOLDER, async () => {
    await rm(join(USERS_FOLDER, userFile(folder)), { force: true });
    const left = await readdir(USERS_FOLDER);
    const users = left.filter((name) => name !== 'made' && isAlive(Number(name.split('-')[0])));
    if (users.length === 0) {
      await rm(USERS_FOLDER, { recursive: true, force: true });
      if (left.includes('made')) {
        await rmdir(PRIVILEGE_FOLDER);
      }
    }
  });
}

function userFile(folder: string): string {
  return `${process.pid}-${folder.split('-').at(-1)}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
