import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { root } from './lint/project.ts';

/** What a finished program said. */
export type Finished = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Environment in which `node` and the installed programs are the project's own. */
export const projectEnvironment = (extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
  ...extra,
});

/** The start script of an installed package, run by this same Node.js. */
export const installed = (path: string): readonly string[] => [process.execPath, join(root, 'node_modules', path)];

/** Runs a program in the root folder to its end and keeps what it said. @throws when it cannot be started */
export function runProgram(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: projectEnvironment(environment), stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    child.once('error', (error) => reject(new Error(`${program} could not be started`, { cause: error })));
    child.once('close', (status) => resolve({ status, ...said }));
  });
}
