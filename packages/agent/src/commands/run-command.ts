import { startAgent } from '../agent.ts';
import { messageOf } from '../agent-error.ts';
import { systemClock } from '../clock.ts';
import { readConfig } from '../config/config.ts';
import { machineSources } from '../facts/sources.ts';
import { createLog } from '../log.ts';
import { makeKeyInChild } from '../renewal/key-in-child.ts';
import { IdentityStore } from '../state/identity-store.ts';
import { defaultStateDir } from '../state/node-record.ts';
import { parseOptions } from './options.ts';

/** `muster-agent run`: returns when the agent was asked to stop (SIGTERM, SIGINT). */
export async function runCommand(args: readonly string[], program: string): Promise<string> {
  const options = parseOptions('run', args, ['state-dir', 'config']);
  const stateDir = options.text('state-dir') ?? defaultStateDir;
  const config = await readConfig(options.text('config'));
  const log = createLog(config.logLevel);
  const dieOf = (error: unknown): void => {
    log.error('the agent ends because of an error it did not expect', { reason: messageOf(error), at: placeOf(error) });
    process.exit(1);
  };
  process.on('uncaughtException', dieOf);
  process.on('unhandledRejection', dieOf);
  const asked = new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const agent = await startAgent({
    clock: systemClock,
    log,
    config,
    stateDir,
    store: new IdentityStore(stateDir),
    sources: machineSources(),
    makeKey: (nodeName) => makeKeyInChild(program, stateDir, nodeName),
  });
  const signal = await asked;
  log.info('agent stops', { signal });
  await agent.stop();
  return '';
}

/** Where an unexpected error came from, without the rest of its stack. */
function placeOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack?.split('\n')[1]?.trim() : undefined;
}
