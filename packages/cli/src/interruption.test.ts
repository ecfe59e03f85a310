import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

/** A real process that says `ready`, then waits; when it is interrupted it says so and works on until its input ends. */
const program = `
import { interruption } from '${join(import.meta.dirname, 'interruption.ts')}';
const signal = interruption();
signal.addEventListener('abort', () => console.log('aborted: ' + signal.reason.message));
process.stdin.on('end', () => process.exit(signal.aborted ? 7 : 0)).resume();
console.log('ready');
`;

async function start(): Promise<{ child: ChildProcess; said: () => string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await expect.poll(() => text, { timeout: 60_000 }).toContain('ready');
  return { child, said: () => text };
}

describe('a command that is interrupted', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s finishes what is under way and ends by itself',
    async (name) => {
      const { child, said } = await start();
      child.kill(name);
      await expect
        .poll(said, { timeout: 60_000 })
        .toMatch(/finishing what is under way\. Ctrl-C again ends at once\.[^]*aborted: interrupted/u);
      expect(child.exitCode).toBeNull();
      const ended = once(child, 'exit');
      child.stdin?.end();
      expect(await ended).toEqual([7, null]);
    },
    120_000,
  );

  it('a second time ends at once', async () => {
    const { child, said } = await start();
    child.kill('SIGINT');
    await expect.poll(said, { timeout: 60_000 }).toContain('aborted');
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
  }, 120_000);
});
