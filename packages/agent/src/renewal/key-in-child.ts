import { spawn } from 'node:child_process';
import { AgentError, messageOf } from '../agent-error.ts';

const timeoutMs = 60_000;

/**
 * Lets another process of this program make a key and its request in the state folder, and end. Loaded into the agent itself,
 * what it takes would stay in memory for good. Throws an `AgentError`.
 */
export function makeKeyInChild(program: string, stateDir: string, nodeName: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = [...process.execArgv, program, 'make-csr', '--state-dir', stateDir, '--node-name', nodeName];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-500);
    });
    child.once('error', (error) => reject(new AgentError('failed', `No key could be made: ${messageOf(error)}`, error)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new AgentError('failed', `No key could be made: exit status ${code ?? signal}: ${messageOf(said)}`));
    });
  });
}
