import type { LeftEmbedded } from '@muster/server';
import type { Command } from 'commander';
import { type Format, formatOption, printOne } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import { onStandardError } from './on-standard-error.ts';
import { configurationSources } from './read-configuration.ts';

type Options = { config?: string; output: Format };

const examples = `
Examples:
  sudo systemctl stop muster
  sudo -u muster muster move-database -c /etc/muster/muster.yaml

On the server's machine, while its server is stopped. "muster apply" does it by itself where one server becomes a pool. Nothing ends by it: sessions,
tokens and tasks go on in the other database. The embedded one is kept in the data folder as postgres-before-move.`;

/** `muster move-database`: leaves the embedded database for the one that the configuration names. */
export function addMoveDatabaseCommand(program: Command): void {
  program
    .command('move-database')
    .description('bring what the embedded database holds into the one that the configuration names')
    .option('-c, --config <file>', 'configuration (default: muster.yaml here, else /etc/muster/muster.yaml)')
    .addOption(formatOption())
    .addHelpText('after', examples)
    .action(async ({ config: configPath, output }: Options) => {
      // Loaded here and not above: the other commands must not wait for a whole server to load.
      const { leaveEmbedded, loadConfig } = await import('@muster/server');
      const left = await leaveEmbedded({ config: loadConfig(configurationSources(configPath)), log: onStandardError });
      printOne(output, left, () => describe(left));
    });
}

const describe = ({ moved, tables, rows, kept }: LeftEmbedded): string =>
  moved
    ? `${rows} rows of ${tables} tables were moved. The embedded database is kept in ${printable(kept)}.\n`
    : `The embedded database was moved before; it is kept in ${printable(kept)}.\n`;
