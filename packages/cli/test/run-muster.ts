import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { vi } from 'vitest';
import { runCli } from '../src/run-cli.ts';

/** How a command ended and what it printed. */
export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs the command within the test. What it prints is caught, and what it leaves on the process is put back. */
export async function runMuster(...args: string[]): Promise<Ended> {
  const [stdout, stderr] = [caught(process.stdout), caught(process.stderr)];
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const code = await runCli(args);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.exitCode = before;
    stdout.restore();
    stderr.restore();
    process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
  }
}

function caught(stream: NodeJS.WriteStream): { text(): string; restore(): void } {
  let said = '';
  const spy = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
    said += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  });
  return { text: () => said, restore: () => spy.mockRestore() };
}

/** Runs the command as a process of its own, with something on its standard input. */
export function startMuster(args: readonly string[], stdin = '', options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Ended> {
  const main = join(import.meta.dirname, '..', 'src', 'main.ts');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { ...options, env: { ...process.env, ...options.env } });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
  });
}
