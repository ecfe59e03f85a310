import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allCommandLines, processesWithEnvironment } from '../test/process-tree.ts';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { type Connection, openConnection, type OutputChunk } from './index.ts';

let sshd: TestSshd;
let connection: Connection;

beforeAll(async () => {
  sshd = await startSshd();
  connection = await openConnection(sshd.target(), sshd.options());
});

afterAll(async () => {
  await connection.close();
  await sshd.stop();
});

describe('what a command is', () => {
  test('a script runs in a POSIX shell and its exit status is told', async () => {
    const result = await connection.exec('echo "hello $((1 + 2))"; echo oops >&2; exit 7');
    expect(result).toMatchObject({ exitCode: 7, signal: null, stdout: 'hello 3\n', stderr: 'oops\n', truncated: false });
    expect(result.durationMs).toBeGreaterThan(0);
  });

  test('a list is a program with arguments, none of which the shell takes apart', async () => {
    const args = ['a b', '$HOME', '`id`', "it's", '"', '*', 'line\nbreak', '', '-n'];
    const result = await connection.exec(['printf', '<%s>', ...args]);
    expect(result.stdout).toBe(args.map((arg) => `<${arg}>`).join(''));
  });

  test("a syntax error is the script's failure, not ours", async () => {
    const result = await connection.exec('if then');
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toMatch(/syntax error/i);
  });

  test('a script without input does not wait for one', async () => {
    const result = await connection.exec('cat; echo end');
    expect(result.stdout).toBe('end\n');
  });

  test('a large script and quotes in it arrive whole', async () => {
    const filler = "# it's a 'comment' with \"quotes\" and \\ and $(nothing)\n".repeat(4000);
    const result = await connection.exec(`${filler}printf '%s' "it's done"`);
    expect(result.stdout).toBe("it's done");
  });

  test.each([[''], ['echo \0'], [[]], [['']], [['echo', 'a\0']]])('a command of %j is refused before anything is sent', async (command) => {
    await expect(connection.exec(command)).rejects.toMatchObject({ kind: 'badInput' });
  });

  test('a time limit that is none is refused', async () => {
    await expect(connection.exec('true', { timeoutSeconds: Number.NaN })).rejects.toMatchObject({ kind: 'badInput' });
  });

  test.each([-1, 0.5, Number.NaN])('a limit of %d bytes of output is refused', async (maxOutputBytes) => {
    await expect(connection.exec('true', { maxOutputBytes })).rejects.toMatchObject({ kind: 'badInput' });
  });

  test('messages are in the C locale, and programs of /usr/sbin are found', async () => {
    const result = await connection.exec('echo "$LC_ALL"; echo "$PATH"');
    expect(result.stdout).toMatch(/^C\n.*:\/usr\/local\/sbin:\/usr\/local\/bin:\/usr\/sbin:\/usr\/bin:\/sbin:\/bin\n$/);
  });

  test('the process list shows nothing of a script', async () => {
    const secret = `secret-${randomBytes(6).toString('hex')}`;
    const running = connection.exec(`value=${secret}; sleep 1; echo "$value"`);
    await sleep(500);
    expect(allCommandLines().filter((line) => line.includes(secret))).toEqual([]);
    expect((await running).stdout).toBe(`${secret}\n`);
  });
});

describe('input', () => {
  test('bytes arrive unchanged', async () => {
    const input = randomBytes(3_000_000);
    const result = await connection.exec('cat', { stdin: input, maxOutputBytes: 4_000_000 });
    expect(result.stdoutBytes.equals(input)).toBe(true);
  });

  test('a script reads its input with `read`, not the script itself', async () => {
    const result = await connection.exec('read -r first; echo "got $first"; cat', { stdin: 'one\ntwo\n' });
    expect(result.stdout).toBe('got one\ntwo\n');
  });

  test('a source that fails ends the command with its error', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('some');
      throw new Error('source broke');
    }
    await expect(connection.exec('cat >/dev/null; sleep 30', { stdin: source() })).rejects.toThrow('source broke');
  });

  test('a command that does not read its input still ends, and the source is let go', async () => {
    let released = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield Buffer.alloc(65_536);
        }
      } finally {
        released = true;
      }
    }
    const result = await connection.exec('exit 3', { stdin: endless() });
    expect(result.exitCode).toBe(3);
    await expect.poll(() => released).toBe(true);
  });
});

describe('output', () => {
  test('bytes that are no UTF-8, and no newline at the end', async () => {
    const result = await connection.exec(String.raw`printf '\377\000\200x'`);
    expect([...result.stdoutBytes]).toEqual([0xff, 0, 0x80, 0x78]);
    expect(result.stdout).toBe('\uFFFD\0\uFFFDx');
  });

  test('a flood of 100 MB is bounded, read to its end and told as truncated', async () => {
    const before = process.memoryUsage().rss;
    const result = await connection.exec('head -c 100000000 /dev/zero; echo last >&2; exit 4', { maxOutputBytes: 10_000 });
    expect(result).toMatchObject({ exitCode: 4, truncated: true, stderr: 'last\n' });
    expect(result.stdoutBytes.length).toBe(10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  test('of stderr the end is kept', async () => {
    const result = await connection.exec('seq 1 100000 >&2; echo the cause >&2', { maxOutputBytes: 1000 });
    expect(result.stderrBytes.length).toBe(1000);
    expect(result.stderr).toMatch(/100000\nthe cause\n$/);
    expect(result.truncated).toBe(true);
  });

  test('comes in pieces while the command runs', async () => {
    const chunks: OutputChunk[] = [];
    let endedAtMs = Number.POSITIVE_INFINITY;
    const seenAtMs: number[] = [];
    const onOutput = (chunk: OutputChunk): void => {
      chunks.push(chunk);
      seenAtMs.push(performance.now());
    };
    await connection.exec('echo one; sleep 0.5; echo two', { onOutput });
    endedAtMs = performance.now();
    expect(chunks.map((chunk) => `${chunk.stream} ${chunk.data.toString()}`)).toEqual(['stdout one\n', 'stdout two\n']);
    expect(endedAtMs - (seenAtMs[0] ?? 0)).toBeGreaterThan(400);
  });

  test('a slow taker holds up the command instead of filling the memory', async () => {
    const release = Promise.withResolvers<void>();
    let isFirst = true;
    const onOutput = async (): Promise<void> => {
      if (isFirst) {
        isFirst = false;
        await release.promise;
      }
    };
    const running = connection.exec('head -c 50000000 /dev/zero; date +%s%N >&2', { onOutput, maxOutputBytes: 1000 });
    await sleep(700);
    const releasedAtMs = Date.now();
    release.resolve();
    // The writer could only finish after the first piece was taken: its window was full until then.
    expect(Number((await running).stderr) / 1e6).toBeGreaterThan(releasedAtMs);
  });

  test('a taker that throws ends the command', async () => {
    const onOutput = (): void => {
      throw new Error('cannot take it');
    };
    await expect(connection.exec('echo x; sleep 30', { onOutput })).rejects.toThrow('cannot take it');
  });
});

describe('ends', () => {
  test('by a signal', async () => {
    const result = await connection.exec('kill -KILL $$');
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  test('a program from a list is ended by its own signal', async () => {
    const result = await connection.exec(['sh', '-c', 'kill -TERM $$']);
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  test('a child left behind that holds the output does not hold up the result', async () => {
    const result = await connection.exec('sleep 20 & echo started; exit 5');
    expect(result).toMatchObject({ exitCode: 5, stdout: 'started\n', truncated: true });
    expect(result.durationMs).toBeLessThan(5000);
  });

  test('a time limit stops the command on the host, and its children', async () => {
    const mark = `MARK=${randomBytes(6).toString('hex')}`;
    const running = connection.exec(`export ${mark}; sleep 60 & sleep 60`, { timeoutSeconds: 0.7, label: 'long sleep' });
    await expect(running).rejects.toMatchObject({ kind: 'timeout', command: 'long sleep', host: { name: 'node1' } });
    await expect.poll(() => processesWithEnvironment(mark)).toEqual([]);
  });

  test('a command that ignores SIGTERM is killed', async () => {
    const mark = `MARK=${randomBytes(6).toString('hex')}`;
    const running = connection.exec(`export ${mark}; trap '' TERM; while :; do sleep 1; done`, { timeoutSeconds: 0.5 });
    await expect(running).rejects.toMatchObject({ kind: 'timeout' });
    await expect.poll(() => processesWithEnvironment(mark)).toEqual([]);
  });

  test('an abort stops the command on the host and keeps the reason', async () => {
    const mark = `MARK=${randomBytes(6).toString('hex')}`;
    const control = new AbortController();
    const running = connection.exec(`export ${mark}; sleep 60; true`, { signal: control.signal });
    await expect.poll(() => processesWithEnvironment(mark).length, { timeout: 20_000 }).toBeGreaterThan(0);
    const reason = new Error('Ctrl-C');
    control.abort(reason);
    await expect(running).rejects.toMatchObject({ kind: 'aborted', cause: reason });
    await expect.poll(() => processesWithEnvironment(mark), { timeout: 20_000 }).toEqual([]);
  });

  test('an abort before the start sends nothing', async () => {
    const running = connection.exec('echo never', { signal: AbortSignal.abort() });
    await expect(running).rejects.toMatchObject({ kind: 'aborted' });
  });

  test('twenty commands at once share one connection with ten sessions at most', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => connection.exec(`echo ${index}`)));
    expect(results.map((result) => result.stdout)).toEqual(Array.from({ length: 20 }, (_, index) => `${index}\n`));
    expect(sshd.sessionPids().length).toBeLessThanOrEqual(2);
  });

  test('errors name host, place and command', async () => {
    const error: unknown = await connection.exec('# a comment\nsleep 9', { timeoutSeconds: 0.2 }).catch((caught: unknown) => caught);
    expect(String(error)).toBe(
      `SshError: node1 (127.0.0.1:${sshd.port}): the command did not end within 0.2 s (command: sleep 9). ` +
        "It was told to stop. Look at the host's load and log, or give it more time.",
    );
  });
});
