import { AdoptionState } from '../adoption/adoption-state.ts';
import { runHooks } from '../adoption/hooks.ts';
import { PublishedFolder } from '../adoption/published-folder.ts';
import { servicePlaces } from '../adoption/service-places.ts';
import { startAgent } from '../agent.ts';
import { messageOf } from '../agent-error.ts';
import { systemClock } from '../clock.ts';
import { readConfig } from '../config/config.ts';
import { jobPath } from '../environments/launch/job.ts';
import { usualLauncher } from '../environments/launch/launcher.ts';
import { machineSources } from '../facts/sources.ts';
import { streamProgram } from '../journal/stream-program.ts';
import { createLog } from '../log.ts';
import { makeKeyInChild } from '../renewal/key-in-child.ts';
import { IdentityStore } from '../state/identity-store.ts';
import { defaultStateDir } from '../state/node-record.ts';
import { TrustStore } from '../state/trust-store.ts';
import { runsAsUnits } from '../tasks/handlers/index.ts';
import { TaskJournal } from '../tasks/task-journal.ts';
import { parseOptions } from './options.ts';

/** A hook that reloads a service needs seconds. */
const hookTimeoutSeconds = 60;

/** `muster-agent run`: returns when the agent was asked to stop (SIGTERM, SIGINT). */
export async function runCommand(args: readonly string[], program: string): Promise<string> {
  const options = parseOptions('run', args, ['state-dir', 'config']);
  const stateDir = options.text('state-dir') ?? defaultStateDir;
  const config = await readConfig(options.text('config'));
  const log = createLog(config.logLevel);
  const places = servicePlaces(stateDir);
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
  const sources = machineSources();
  const agent = await startAgent({
    clock: systemClock,
    log,
    config,
    stateDir,
    store: new IdentityStore(stateDir),
    sources,
    launcher: () => usualLauncher(sources.run, workCommand(program, stateDir), stateDir),
    stream: streamProgram,
    journal: await TaskJournal.open(stateDir),
    makeKey: (nodeName) => makeKeyInChild(program, stateDir, nodeName),
    trust: new TrustStore(stateDir),
    adoptionState: new AdoptionState(stateDir),
    published: new PublishedFolder(places.pki, stateDir),
    runHooks: (call) =>
      runHooks({ folder: places.hooks, run: sources.run, usesSystemd: runsAsUnits, timeoutSeconds: hookTimeoutSeconds }, call),
  });
  const signal = await asked;
  log.info('agent stops', { signal });
  await agent.stop();
  return '';
}

/** The process that builds is no agent: it may compile what it runs, and take the memory that it needs. */
const workCommand = (program: string, stateDir: string) =>
  [process.execPath, program, 'environment-work', '--job', jobPath(stateDir)] as const;

/** Where an unexpected error came from, without the rest of its stack. */
function placeOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack?.split('\n')[1]?.trim() : undefined;
}
