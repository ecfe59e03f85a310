import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HandlerResult } from '../task-handler.ts';
import { asUnit, execHandler } from './exec-handler.ts';

const direct = execHandler({ run: () => Promise.resolve({ kind: 'absent' }), usesSystemd: () => Promise.resolve(false) });

const exec = (command: unknown, timeoutSeconds = 10, signal = new AbortController().signal): Promise<HandlerResult> =>
  direct.run({ id: randomUUID(), work: { kind: 'exec', command }, timeoutSeconds, signal });

/** Whether a process runs; one that has ended and was not yet collected by its parent does not. */
const runs = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

const hostile = [
  '; touch /tmp/x',
  '$(id)',
  '`id`',
  '$HOME',
  '${HOME}',
  '$$',
  'a  b',
  '"',
  "'",
  '\\',
  'a\nb',
  '*',
  '~',
  '|',
  '&&',
  '>f',
  '%n',
  '--',
  '-rf',
  '',
  'ü 🦊',
];

describe('a command', () => {
  it('is given its arguments as they are: no shell ever sees them', async () => {
    const { output, outcome } = await exec(['printf', '%s\u0001'.replace('\u0001', String.raw`\001`), ...hostile]);
    expect(outcome).toBe('succeeded');
    expect(output?.split('\u0001').slice(0, -1)).toEqual(hostile);
  });

  it.each([0, 1, 77, 255])('that ends with %d says so', async (status) => {
    const result = await exec(['sh', '-c', 'echo out; echo err >&2; exit "$1"', 'sh', String(status)]);
    expect(result).toMatchObject({ outcome: status === 0 ? 'succeeded' : 'failed', exitStatus: status });
    expect(result.output?.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('has no input, and ends with whatever it left behind', async () => {
    expect(await exec(['cat'])).toMatchObject({ outcome: 'succeeded', output: '' });
    const result = await exec(['sh', '-c', 'sleep 60 & echo $!']);
    expect(result.outcome).toBe('succeeded');
    // A signal is sent, and takes effect when the one that gets it has a turn.
    await expect.poll(() => runs(Number(result.output))).toBe(false);
  });

  it.each([
    [['no-such-program-at-all'], 'There is no program "no-such-program-at-all" on this node'],
    [['/no/such/program'], 'It could not be started: there is no such program.'],
    [['./x'], 'There is no program "./x" on this node'],
    [['/etc/passwd'], 'It could not be started:'],
  ])('%j that is none is a failure that says so', async (command, message) => {
    expect(await exec(command)).toMatchObject({ outcome: 'failed', message: expect.stringContaining(message) as unknown });
  });

  it.each([[undefined], ['true'], [[]], [['']], [[1]], [['echo', 'a\u0000b']], [{}]])('%j is refused', async (command) => {
    await expect(exec(command)).rejects.toThrow(/command/u);
  });

  it('says which signal ended it', async () => {
    expect(await exec(['sh', '-c', 'kill -9 $$'])).toMatchObject({ outcome: 'failed', message: 'It was ended by SIGKILL.' });
  });
});

describe('a command that is to end', () => {
  const abortedAfter = (delayMs: number, reason: string): AbortSignal => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), delayMs);
    return controller.signal;
  };

  it('ends with all its processes and keeps what it printed', async () => {
    const command = ['sh', '-c', 'echo begun; sleep 60 & echo $!; wait'];
    const result = await exec(command, 1, abortedAfter(300, 'timeout'));
    expect(result).toMatchObject({ outcome: 'failed', message: 'Not done within 1 s; it was ended.' });
    const [begun, pid] = result.output?.split('\n') ?? [];
    expect(begun).toBe('begun');
    expect([Number(pid) > 1, runs(Number(pid))]).toEqual([true, false]);
    expect(await exec(['sleep', '60'], 9, abortedAfter(50, 'cancelled'))).toMatchObject({ outcome: 'cancelled' });
  });

  it('is killed where it does not want to', async () => {
    const started = performance.now();
    const result = await exec(['sh', '-c', 'trap "" TERM; echo deaf; while :; do sleep 1; done'], 1, abortedAfter(300, 'timeout'));
    expect(result).toMatchObject({ outcome: 'failed', output: 'deaf\n' });
    expect(performance.now() - started).toBeGreaterThan(4500);
  }, 20_000);

  it('because it prints without end is ended, and only the beginning is kept', async () => {
    const result = await exec(['yes', 'flood']);
    expect(result).toMatchObject({ outcome: 'failed', truncated: true, message: 'It printed more than 64 MiB; it was ended.' });
    expect(result.output?.length).toBe(262_144);
  }, 20_000);
});

describe('a command as a unit of systemd', () => {
  it('has a name of its own, a limit, and arguments in which systemd finds no variable', () => {
    const argv = asUnit(['/bin/echo', '$HOME', '${X}', '$$', 'a b', '%n'], { id: 'the-id', timeoutSeconds: 30 });
    expect(argv.slice(argv.indexOf('--'))).toEqual(['--', '/bin/echo', '$$HOME', '$${X}', '$$$$', 'a b', '%n']);
    expect(argv).toContain('--unit=muster-task-the-id.service');
    expect(argv).toContain('--property=RuntimeMaxSec=45');
    expect(argv.join(' ')).not.toContain('description=/bin/echo');
  });

  it('is stopped by systemd when it is to end, and after a crash of the agent', async () => {
    const asked: string[][] = [];
    const handler = execHandler({
      run: (argv) => {
        asked.push([...argv]);
        return Promise.resolve({ kind: 'done', status: 0, stdout: '', stderr: '' });
      },
      usesSystemd: () => Promise.resolve(true),
    });
    await handler.cleanUp?.('the-id');
    expect(asked).toEqual([['systemctl', 'stop', '--', 'muster-task-the-id.service']]);
  });
});
