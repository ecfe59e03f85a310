import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Connection, ExecOptions, ExecResult } from '@muster/ssh';

/** A connection to this machine by a child process instead of SSH, as the user who runs the test, for scripts that change nothing. */
export function localConnection(): Connection {
  const exec = (script: string | readonly string[], { stdin = '', onOutput }: ExecOptions = {}): Promise<ExecResult> =>
    new Promise((resolve, reject) => {
      const folder = mkdtempSync(join(tmpdir(), 'muster-script-'));
      const file = join(folder, 'script');
      writeFileSync(file, String(script));
      const child = spawn('/bin/sh', [file], { stdio: ['pipe', 'pipe', 'pipe'] });
      child.on('close', () => rmSync(folder, { recursive: true }));
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (data: Buffer) => {
        stdout += data.toString();
        void onOutput?.({ stream: 'stdout', data });
      });
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      child.on('error', reject);
      child.on('close', (exitCode, signal) =>
        resolve({
          exitCode,
          signal,
          stdout,
          stderr,
          stdoutBytes: Buffer.from(stdout),
          stderrBytes: Buffer.from(stderr),
          truncated: false,
          durationMs: 1,
        }),
      );
      child.stdin.on('error', () => undefined);
      Readable.from(typeof stdin === 'string' ? [stdin] : (stdin as AsyncIterable<Uint8Array>)).pipe(child.stdin);
    });
  return { exec, host: { name: 'here', address: '127.0.0.1', port: 22 } } as unknown as Connection;
}
