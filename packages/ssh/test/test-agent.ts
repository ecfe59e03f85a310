import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** A real ssh-agent of the test's own. */
export interface TestAgent {
  readonly socket: string;
  stop(): void;
}

/** Starts an agent that holds the keys in these files; the caller stops it. */
export async function startAgent(folder: string, keyFiles: readonly string[]): Promise<TestAgent> {
  const socket = join(folder, 'agent.sock');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(agent.stdout, 'data');
  for (const file of keyFiles) {
    await runProgram('ssh-add', ['-q', file], { SSH_AUTH_SOCK: socket });
  }
  return { socket, stop: () => void agent.kill() };
}
