import { type CheckedArtifact, checkArtifacts, clusterOf } from '@muster/provision';
import { type Command, Option } from 'commander';
import { type Format, formatOption, printList } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { addInventoryOptions, inventoryFolderOf, inventoryOf, type InventoryOptions } from '../../ssh/inventory-options.ts';

type Options = InventoryOptions & { output: Format; arch: 'amd64' | 'arm64' | 'both' };

const columns: Column<CheckedArtifact>[] = [
  { title: 'FOR', cell: ({ role }) => role },
  { title: 'ARTIFACT', cell: ({ name }) => printable(name) },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'WHY', cell: ({ why }) => printable(why) },
];
const wide: Column<CheckedArtifact>[] = [{ title: 'FOLDER', cell: ({ folder }) => printable(folder) }];

/** `muster artifacts check`: is everything here that the inventory's roles need? No host is asked. */
export function addCheckCommand(artifacts: Command): void {
  addInventoryOptions(
    artifacts
      .command('check')
      .description('list what the roles of an inventory are installed from, and what of it is missing or damaged; no host is asked'),
  )
    .addOption(new Option('--arch <name>', 'architecture of the hosts').choices(['amd64', 'arm64', 'both']).default('amd64'))
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  muster artifacts check -i inventory.ini
  muster artifacts check -i inventory.ini --arch both -o json

Exit status 0 when everything is there and as its checksum says. The folder and its contents: docs/k3s.md.`,
    )
    .action(async (options: Options) => {
      const cluster = clusterOf(await inventoryOf(options));
      const architectures = options.arch === 'both' ? ['amd64', 'arm64'] : [options.arch];
      const checked = await checkArtifacts(cluster, { architectures, inventoryFolder: inventoryFolderOf(options) });
      if (checked.length === 0 && options.output === 'table')
        process.stdout.write('The inventory asks for nothing that needs artifacts.\n');
      else printList(options.output, checked, columns, wide, ({ name }) => name);
      process.exitCode = checked.every(({ state }) => state === 'good') ? 0 : 1;
    });
}
