import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { type Connection, openConnection } from './index.ts';

const open: { sshd: TestSshd; connection: Connection }[] = [];

afterEach(async () => {
  for (const { sshd, connection } of open.splice(0)) {
    await connection.close();
    await sshd.stop();
  }
});

/** A host where every command goes through `wrapper`, a script that finds it in SSH_ORIGINAL_COMMAND, as for a login shell. */
async function connectThrough(wrapper: string): Promise<Connection> {
  const forced = await startSshd({ config: ['ForceCommand exec ${HOME}/wrapper'] });
  const file = join(forced.homeFolder, 'wrapper');
  await writeFile(file, `#!/bin/sh\n${wrapper}\n`);
  await chmod(file, 0o755);
  const connection = await openConnection(forced.target(), forced.options());
  open.push({ sshd: forced, connection });
  return connection;
}

describe('a noisy login', () => {
  test('what it prints before a script is no output of the script', async () => {
    const connection = await connectThrough(`
echo "Welcome to node1!  3 updates are available"
printf 'no newline at the end'
echo "mesg: ttyname failed: Inappropriate ioctl for device" >&2
exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"`);
    const result = await connection.exec('echo out; echo err >&2; exit 2');
    expect(result).toMatchObject({ exitCode: 2, stdout: 'out\n', stderr: 'err\n' });
  });

  test('a megabyte of it, and bytes that are no text, do not matter', async () => {
    const connection = await connectThrough(
      'head -c 1000000 /dev/urandom; head -c 100000 /dev/urandom >&2; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"',
    );
    expect(await connection.exec('echo out; echo err >&2')).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
  });

  test('an upload and an input through it arrive whole', async () => {
    const connection = await connectThrough('echo noise; echo noise >&2; exec /bin/bash -c "$SSH_ORIGINAL_COMMAND"');
    expect((await connection.exec('cat', { stdin: 'input' })).stdout).toBe('input');
    const target = join(open[0]?.sshd.homeFolder ?? '', 'file');
    expect((await connection.upload(Buffer.from('content'), target, { mode: 0o600 })).changed).toBe(true);
    expect((await connection.upload(Buffer.from('content'), target, { mode: 0o600 })).changed).toBe(false);
  });

  test('a real .bashrc that prints, where bash is the login shell', async () => {
    const sshd = await startSshd();
    await writeFile(join(sshd.homeFolder, '.bashrc'), 'echo from bashrc; echo from bashrc >&2\n');
    const connection = await openConnection(sshd.target(), sshd.options());
    open.push({ sshd, connection });
    expect(await connection.exec('echo out')).toMatchObject({ stdout: 'out\n', stderr: '' });
  });
});

describe('a login shell that is not POSIX', () => {
  test('gets nothing but plain words and single quotes to understand', async () => {
    // A stand-in for fish or csh: takes the command apart by blanks, knows `exec` and nothing else.
    const connection = await connectThrough('set -f; set -- $SSH_ORIGINAL_COMMAND; [ "$1" = exec ] || exit 9; shift; exec "$@"');
    expect((await connection.exec('for i in 1 2; do echo "$i"; done')).stdout).toBe('1\n2\n');
  });

  // Real ones, started as sshd starts a login shell; both print something of their own before they look at the command.
  test.each([
    ['fish', 'config.fish', 'echo Welcome to fish; echo from fish >&2; set -gx EDITOR vi'],
    ['tcsh', '.cshrc', 'echo Welcome to csh; set prompt = "%m> "; alias ls ls-F; setenv EDITOR vi'],
  ])('runs scripts, keeps their ends, takes input and uploads under a real %s', async (shell, startFile, lines) => {
    const connection = await connectThrough(`XDG_CONFIG_HOME=$HOME; export XDG_CONFIG_HOME; exec ${shell} -c "$SSH_ORIGINAL_COMMAND"`);
    const home = open[0]?.sshd.homeFolder ?? '';
    await mkdir(join(home, 'fish'));
    await writeFile(join(home, shell === 'fish' ? 'fish' : '', startFile), `${lines}\n`);
    const script = `for i in 1 2; do printf '%s ' "it's \\$i $i!"; done; echo err >&2; exit 3`;
    expect(await connection.exec(script)).toMatchObject({ exitCode: 3, stdout: "it's $i 1! it's $i 2! ", stderr: 'err\n' });
    expect((await connection.exec(['printf', '%s|', "a'b", '$HOME', '*', '!!'])).stdout).toBe("a'b|$HOME|*|!!|");
    expect((await connection.exec('cat', { stdin: 'input' })).stdout).toBe('input');
    expect((await connection.upload(Buffer.from('content'), join(home, 'file'), { mode: 0o600 })).changed).toBe(true);
    expect(await connection.exec('kill -TERM $$')).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  test.each([
    [
      'refuses to log in, as nologin does',
      "echo 'This account is currently not available.'; exit 1",
      /status 1, and said: This account is currently not available\./,
    ],
    ['ends at once with success', 'exit 0', /status 0/],
    ['is killed', 'kill -KILL $$', /signal SIGKILL/],
  ])('one that %s is an error, not a result of the script', async (_name, wrapper, what) => {
    const connection = await connectThrough(wrapper);
    await expect(connection.exec('echo out; exit 1')).rejects.toMatchObject({ kind: 'shellUnusable', what: expect.stringMatching(what) });
  });
});
