import type { Command } from 'commander';
import { configurationSources } from './read-configuration.ts';
import { onStandardError } from './on-standard-error.ts';

const examples = `
Example:
  sudo -u muster muster check-database -c /etc/muster/muster.yaml

Changes nothing. "muster pool upgrade" asks the newer release before it stops a member.`;

/** `muster check-database`: whether this release could start on the database, beside the servers that work with it. */
export function addCheckDatabaseCommand(program: Command): void {
  program
    .command('check-database')
    .description('say whether a server of this release could start on the configured database now')
    .option('-c, --config <file>', 'configuration (default: muster.yaml here, else /etc/muster/muster.yaml)')
    .addHelpText('after', examples)
    .action(async ({ config: configPath }: { config?: string }) => {
      // Loaded here and not above: the other commands must not wait for a whole server to load.
      const { checkDatabase, loadConfig } = await import('@muster/server');
      await checkDatabase({ config: loadConfig(configurationSources(configPath)), log: onStandardError });
      process.stdout.write('A server of this release could start on the database.\n');
    });
}
