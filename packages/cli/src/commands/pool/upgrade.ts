import { clusterOf, poolUpgradePhases } from '@muster/provision';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';
import { inventoryOf } from '../../ssh/inventory-options.ts';
import { requireYes } from '../../ssh/require-yes.ts';
import { addSshOptions, type SshOptions } from '../../ssh/ssh-options.ts';
import { version } from '../../version.ts';
import { runApply } from '../apply.ts';

type UpgradeOptions = SshOptions & { dryRun?: boolean; yes?: boolean; output: 'text' | 'json' };

/** `muster pool upgrade`: this release to the servers of a pool, one after the other. */
export function addUpgrade(pool: Command): void {
  addSshOptions(pool.command('upgrade'))
    .description('bring this release to the servers of a pool, one after the other, while the others serve')
    .option('-n, --dry-run', 'say what would be done on which member, and change nothing')
    .option('--yes', 'do not ask before')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Before each member the pool must be well: all members there, every copy of the database in step, every voter up. The member gives its nodes to the
others, gets the release, and is waited for; the one with the primary of the database is the last. After one that does not come up no other is touched;
the same command goes on. Agents come with the next "muster apply", which upgrades servers in the same way.

Examples:
  muster pool upgrade -i inventory.ini --dry-run
  muster pool upgrade -i inventory.ini --yes`,
    )
    .action(upgrade);
}

async function upgrade({ dryRun, yes, output, ...options }: UpgradeOptions): Promise<void> {
  const { management } = clusterOf(await inventoryOf(options));
  const names = management.map(({ name }) => name);
  if (names.length < 2)
    throw new CliError(
      'The inventory has no pool: there is one management server, which "muster apply" upgrades, and nobody serves meanwhile.',
      2,
    );
  if (output === 'text')
    process.stdout.write(`Muster ${version} to ${names.join(', ')}: one after the other, the primary of the database last.\n`);
  if (dryRun !== true && yes !== true) await requireYes('Upgrade the pool?', 'Nothing was changed.');
  const dry = dryRun === true ? { dryRun } : {};
  await runApply({ ...options, ...dry, output, only: [...poolUpgradePhases], limit: names.join(','), skipCheck: [], keep: true });
}
