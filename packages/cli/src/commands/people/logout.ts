import { createClient, ProblemError } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverFetch } from '../../client/server-fetch.ts';
import { type Context, contextFile, contextNamed, readContexts, writeContexts } from '../../contexts/context-file.ts';
import { wayOfContext } from '../../contexts/find-way.ts';

/** `muster logout`: ends the session of a context and forgets what it signed in with; server and authority stay known. */
export function addLogoutCommand(program: Command): void {
  program
    .command('logout')
    .description('sign out of the server in use (or of --context NAME)')
    .addHelpText('after', '\nExamples:\n  muster logout\n  muster --context lab logout')
    .action(async (_options: object, command: Command) => {
      const path = contextFile(process.env);
      const { current, contexts } = await readContexts(path);
      const name = command.optsWithGlobals<{ context?: string }>().context ?? process.env['MUSTER_CONTEXT'] ?? current;
      if (name === null || name === '') throw new CliError('You are signed in to no server.');
      const context = contextNamed({ current, contexts }, name);
      if (context.credential === null) throw new CliError(`You are signed out of ${context.url} (context ${name}) already.`);
      const untold = await endSession(name, context);
      await writeContexts(path, { current, contexts: { ...contexts, [name]: { ...context, credential: null } } });
      if (untold !== undefined)
        throw new CliError(
          `The session is forgotten here, but ${context.url} could not be told, so there it lasts for up to 12 hours: ${untold}`,
        );
      process.stdout.write(`Signed out of ${context.url}.\n`);
    });
}

/** Ends the session on the server; a key stays good until it is revoked. Returns why that did not succeed. */
async function endSession(name: string, context: Context): Promise<string | undefined> {
  if (context.credential?.kind !== 'session') return undefined;
  const way = wayOfContext(name, context);
  const client = createClient(
    '',
    serverFetch(async () => way),
  );
  try {
    await client.signOut({});
    return undefined;
  } catch (error) {
    // It had ended already.
    if (error instanceof ProblemError && error.problem.code === 'not-signed-in') return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}
