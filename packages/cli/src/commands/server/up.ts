import { join } from 'node:path';
import type { Config, RunningServer } from '@muster/server';
import type { Command } from 'commander';
import { runDemo } from './run-demo.ts';
import { findLayout } from '../../layout.ts';
import { wholeNumber } from '../../output/format.ts';
import { startProgress } from '../../output/start-progress.ts';
import { configurationSources } from './read-configuration.ts';
import { untilInterrupted } from '../../until-interrupted.ts';

type Options = { config?: string; demo?: number };

/** `muster up`: the one command that starts the server, from this, the only folder of the room that may import it. */
export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('start the management server and stay in the foreground')
    .option('-c, --config <file>', 'configuration (default: muster.yaml here, else /etc/muster/muster.yaml)')
    .option('--demo <n>', 'also run this many agents as processes of this machine', wholeNumber(1, 50))
    .addHelpText(
      'after',
      '\nExamples:\n  muster up --demo 3\n  MUSTER_HTTP_PORT=8080 muster up\n  muster up --config /etc/muster/muster.yaml',
    )
    .action(up);
}

async function up(options: Options): Promise<void> {
  // Loaded here and not above: the other commands must not wait for a whole server to load.
  const { loadConfig, makeLog, startServer } = await import('@muster/server');
  const config: Config = loadConfig(configurationSources(options.config));
  const demo = options.demo !== undefined;
  const progress = startProgress(demo || process.stdout.isTTY);
  const log = makeLog({ level: config.log.level, ...(demo ? { file: `${config.dataDir}/muster.log` } : {}) });
  const asked = untilInterrupted();
  const { panelDir, root } = findLayout();
  let server: RunningServer;
  const stopping = new AbortController();
  void asked.then(() => stopping.abort());
  const { signal } = stopping;
  try {
    server = await startServer({ config, log, panelDir, program: join(root, 'bin', 'muster'), onProgress: progress.step, signal });
  } catch (error) {
    if (signal.aborted) return progress.say('Stopped before the database was there. Nothing was changed.');
    progress.failed();
    throw error;
  }
  progress.ready();
  const ended = Promise.race([asked, server.failed.then((error) => Promise.reject(error))]);
  // It may fail while nobody waits for it yet; whoever does then is told.
  ended.catch(() => undefined);
  try {
    if (options.demo === undefined) await serve(server, ended);
    else await runDemo(server, options.demo, ended);
  } finally {
    progress.say('Stopping ...');
    await server.stop();
    progress.say('Stopped. Everything is kept; start again to go on.');
  }
}

async function serve(server: RunningServer, ended: Promise<unknown>): Promise<void> {
  if (process.stdout.isTTY) {
    process.stdout.write(
      `\n  Panel    ${server.panelUrl}\n  Sign in  ${await server.signInLink()}\n  State    ${server.dataDir}\n\nCtrl-C stops it.\n`,
    );
  }
  await ended;
}
