import { spawn } from 'node:child_process';

/** How a script ended in a real POSIX shell. */
export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a script as a host would: in dash, the script on its standard input. */
export const runInDash = (script: string, options: { env?: NodeJS.ProcessEnv } = {}): Promise<Ended> =>
  finished(['-s'], script, { ...process.env, ...options.env });

/** What dash finds wrong in the grammar of a script; empty when it is valid. */
export const grammarProblems = async (script: string): Promise<string> => (await finished(['-n'], script, process.env)).stderr;

function finished(args: readonly string[], script: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/dash', args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    // A shell that is killed closes its input: the rest of the script is then of no interest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(script);
  });
}
