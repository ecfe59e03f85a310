import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { allCommandLines } from '../test/process-tree.ts';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { type Connection, openConnection, type SudoSettings } from './index.ts';

const PASSWORD = "it's a s3cret $HOME";

/** A stand-in for sudo with its prompt protocol and words; the real one is tested in the lab. MODE says how it behaves. */
const FAKE_SUDO = `#!/bin/sh
here=$(dirname "$0")
echo "$*" >>"$here/sudo.log"
mode=$(cat "$here/sudo.mode")
prompt=; silent=
while [ $# -gt 0 ]; do
  case $1 in
    -n) silent=1 ;;
    -p) prompt=$2; shift ;;
    -k|-S) ;;
    --) shift; break ;;
  esac
  shift
done
echo "sudo: unable to resolve host node1: Name or service not known" >&2
case $mode in
  free) exec "$@" ;;
  secure) exec env -i PATH=/usr/bin:/bin "$@" ;;
  tty) echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1 ;;
  stranger) echo "someone is not in the sudoers file." >&2; exit 1 ;;
  broken) echo "sudo: /etc/sudoers is owned by uid 1, should be 0" >&2; exit 1 ;;
esac
if [ -n "$silent" ]; then
  echo "sudo: a password is required" >&2
  exit 1
fi
if [ "$mode" = freed-since ]; then
  exec "$@"
fi
printf '\\nWe trust you have received the usual lecture.\\n\\n    #1) Respect the privacy of others.\\n\\n' >&2
tries=0
while [ "$tries" -lt 3 ]; do
  printf '%s' "$prompt" >&2
  IFS= read -r answer || { echo "sudo: no password was provided" >&2; exit 1; }
  if [ "$answer" = "$(cat "$here/sudo.password")" ]; then
    exec "$@"
  fi
  echo "$answer" >>"$here/sudo.refused"
  tries=$((tries + 1))
  [ "$mode" = once ] && break
  echo "Sorry, try again." >&2
done
echo "sudo: $tries incorrect password attempts" >&2
exit 1
`;

let sshd: TestSshd;
const connections: Connection[] = [];

beforeAll(async () => {
  sshd = await startSshd();
  const program = join(sshd.programFolder, 'sudo');
  await writeFile(program, FAKE_SUDO);
  await chmod(program, 0o755);
  await writeFile(join(sshd.programFolder, 'sudo.password'), PASSWORD);
});

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await rm(join(sshd.programFolder, 'sudo.log'), { force: true });
  await rm(join(sshd.programFolder, 'sudo.refused'), { force: true });
});

afterAll(() => sshd.stop());

type Mode = 'free' | 'password' | 'once' | 'tty' | 'stranger' | 'broken' | 'freed-since' | 'secure';

async function connect(mode: Mode, settings: SudoSettings = {}): Promise<Connection> {
  await writeFile(join(sshd.programFolder, 'sudo.mode'), mode);
  const connection = await openConnection(sshd.target(), sshd.options({ sudoForRoot: true, ...settings }));
  connections.push(connection);
  return connection;
}

function readLog(name: 'sudo.log' | 'sudo.refused'): Promise<string> {
  return readFile(join(sshd.programFolder, name), 'utf8').catch(() => '');
}

describe('without a password', () => {
  test('sudo -n starts the shell, and its warnings are no output', async () => {
    const connection = await connect('free');
    const result = await connection.exec('echo out; echo err >&2; exit 6', { sudo: true });
    expect(result).toMatchObject({ exitCode: 6, stdout: 'out\n', stderr: 'err\n' });
    expect(await readLog('sudo.log')).toBe('-n -- /bin/sh\n');
  });

  test('a secure_path without /usr/local/bin hides no program', async () => {
    const connection = await connect('secure');
    const { stdout } = await connection.exec('echo "$PATH"', { sudo: true });
    expect(stdout.trim().split(':')).toEqual(expect.arrayContaining(['/usr/local/bin', '/usr/local/sbin', '/usr/sbin']));
  });

  test('input reaches the command', async () => {
    const connection = await connect('free');
    expect((await connection.exec('cat', { sudo: true, stdin: 'some input' })).stdout).toBe('some input');
  });

  test('a password is not asked for where none is needed', async () => {
    const sudoPassword = vi.fn(async () => PASSWORD);
    const connection = await connect('free', { sudoPassword });
    await connection.exec('true', { sudo: true });
    expect(sudoPassword).not.toHaveBeenCalled();
  });

  test('root needs no sudo', async () => {
    await writeFile(join(sshd.programFolder, 'sudo.mode'), 'stranger');
    const connection = await openConnection(sshd.target({ user: 'root' }), sshd.options()).catch(() => undefined);
    // Only where the tests run as root can root log in.
    const result = await connection?.exec('echo fine', { sudo: true });
    expect(result?.stdout ?? 'fine\n').toBe('fine\n');
    await connection?.close();
  });
});

describe('with a password', () => {
  test('it is asked for once and used for every command, with the lecture left out', async () => {
    const sudoPassword = vi.fn(async () => PASSWORD);
    const connection = await connect('password', { sudoPassword });
    const first = await connection.exec('echo one; echo warn >&2', { sudo: true });
    const second = await connection.exec('cat; exit 3', { sudo: true, stdin: 'two' });
    expect(first).toMatchObject({ exitCode: 0, stdout: 'one\n', stderr: 'warn\n' });
    expect(second).toMatchObject({ exitCode: 3, stdout: 'two', stderr: '' });
    expect(sudoPassword).toHaveBeenCalledTimes(1);
  });

  test("it is in no argument list, neither sudo's nor any other", async () => {
    const connection = await connect('password', { sudoPassword: PASSWORD });
    const running = connection.exec('sleep 6.5', { sudo: true });
    const isThere = () => allCommandLines().filter((line) => line.includes('sleep 6.5')).length;
    await expect.poll(isThere, { timeout: 20_000, interval: 50 }).toBeGreaterThan(0);
    expect(allCommandLines().filter((line) => line.includes('s3cret'))).toEqual([]);
    await running;
    expect(await readLog('sudo.log')).not.toContain('s3cret');
  });

  test('the script never takes the place of the password, nor the password that of the script', async () => {
    const connection = await connect('freed-since', { sudoPassword: PASSWORD });
    // This sudo wanted a password with -n and then, strangely, does not ask: the password must not be sent.
    const result = await connection.exec('cat; echo end', { sudo: true });
    expect(result).toMatchObject({ exitCode: 0, stdout: 'end\n', stderr: '' });
  });

  test('a time limit reaches what sudo started', async () => {
    const connection = await connect('password', { sudoPassword: PASSWORD });
    await expect(connection.exec('sleep 61; true', { sudo: true, timeoutSeconds: 0.5 })).rejects.toMatchObject({ kind: 'timeout' });
    expect(allCommandLines().filter((line) => line.startsWith('sleep 61'))).toEqual([]);
  });

  test.each(['password', 'once'] as const)('a wrong one is told at once and tried only once (%s)', async (mode) => {
    const connection = await connect(mode, { sudoPassword: 'wrong' });
    const error: unknown = await connection.exec('echo never', { sudo: true, timeoutSeconds: 10 }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'sudoPasswordWrong', host: { name: 'node1' } });
    expect(String(error)).not.toContain('wrong\n');
    expect(await readLog('sudo.refused')).toBe('wrong\n');
  });

  test('a wrong one is not remembered', async () => {
    const sudoPassword = vi.fn(async () => PASSWORD).mockResolvedValueOnce('wrong');
    const connection = await connect('password', { sudoPassword });
    await expect(connection.exec('true', { sudo: true })).rejects.toMatchObject({ kind: 'sudoPasswordWrong' });
    expect((await connection.exec('echo right', { sudo: true })).stdout).toBe('right\n');
  });

  test('one with a line break cannot be given', async () => {
    const connection = await connect('password', { sudoPassword: 'a\nb' });
    await expect(connection.exec('true', { sudo: true })).rejects.toMatchObject({ kind: 'badInput' });
  });
});

describe('refusals, each by its kind', () => {
  test.each([
    ['password', 'sudoPasswordNeeded'],
    ['tty', 'sudoTty'],
    ['stranger', 'sudoNotAllowed'],
    ['broken', 'sudoFailed'],
  ] as const)('%s: %s', async (mode, kind) => {
    const connection = await connect(mode, { sudoPassword: async () => undefined });
    await expect(connection.exec('echo never', { sudo: true })).rejects.toMatchObject({ kind, command: 'echo never' });
  });

  test('no sudo on the host', async () => {
    const connection = await connect('free');
    await rm(join(sshd.programFolder, 'sudo'));
    await using other = await startSshdWithoutSudo();
    await expect(other.connection.exec('true', { sudo: true })).rejects.toMatchObject({ kind: 'sudoMissing' });
    await connection.close();
  });
});

/** A host whose PATH holds the few programs a login needs, and no sudo. */
async function startSshdWithoutSudo(): Promise<AsyncDisposable & { connection: Connection }> {
  const bare = await startSshd({ config: [] });
  const env = join(bare.programFolder, 'env');
  // Stands before the real env and lets it look for programs in this folder only.
  await writeFile(env, `#!/bin/sh\nPATH=${bare.programFolder} exec /usr/bin/env "$@"\n`);
  await chmod(env, 0o755);
  const connection = await openConnection(bare.target(), bare.options({ sudoForRoot: true }));
  return {
    connection,
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      await bare.stop();
    },
  };
}
