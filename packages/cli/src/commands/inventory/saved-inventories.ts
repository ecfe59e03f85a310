import { type SavedInventory, secretsFolder } from '@muster/api';
import { plainDocument, readInventory, secretProblems } from '@muster/core';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printList, printOne } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { addInventoryOptionsIfAny, inventoryOf, type InventoryOptions } from '../../ssh/inventory-options.ts';

const columns: readonly Column<SavedInventory>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'VERSION', cell: ({ version }) => version?.toString() ?? '-', alignRight: true },
  { title: 'HOSTS', cell: ({ hosts }) => String(hosts), alignRight: true },
  { title: 'SAVED', cell: ({ savedAt }) => savedAt?.slice(0, 19).replace('T', ' ') ?? '-' },
  { title: 'BY', cell: ({ savedBy }) => printable(savedBy ?? '-') },
];
const wide: readonly Column<SavedInventory>[] = [{ title: 'SHA256', cell: ({ sha256 }) => sha256 }];

/** `muster inventory save|saved|show|remove`: inventories that the server keeps, to run them by itself. */
export function addSavedInventoryCommands(inventory: Command): void {
  addInventoryOptionsIfAny(
    inventory
      .command('save')
      .argument('<name>', 'what to keep it under; one of this name is replaced')
      .description('keep an inventory on the server, with all that stands beside it, so that the server can run it by itself'),
  )
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
How you log in is left out: the server has a way of its own (muster_control=full). Secrets are not kept: they lie in files below
${secretsFolder} on the server.

Examples:
  muster inventory save production -i inventory.ini
  muster inventory save production -i inventory.ini -e @more.yml -o json`,
    )
    .action(save);
  inventory
    .command('saved')
    .description('the inventories that the server keeps, and the registered nodes as one')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster inventory saved\n  muster inventory saved -o json')
    .action(async ({ output }: { output: Format }, command: Command) => {
      const { items } = await serverClient(command).listInventories({});
      printList(output, items, columns, wide, ({ name }) => name);
    });
  inventory
    .command('show')
    .argument('<name>', 'the inventory')
    .description('what the server keeps under a name, as a file that Ansible and Muster read')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster inventory show production > production.yml\n  muster inventory show production -o json')
    .action(async (name: string, { output }: { output: Format }, command: Command) => {
      const found = await serverClient(command).getInventory({ params: { inventory: name } });
      printOne(output, found, () => (output === 'name' ? `${found.name}\n` : found.document));
    });
  inventory
    .command('remove')
    .argument('<name>', 'the inventory')
    .description('forget an inventory on the server; its hosts and its runs stay as they are')
    .addHelpText('after', '\nExample:\n  muster inventory remove production')
    .action(async (name: string, _options: object, command: Command) => {
      await serverClient(command).removeInventory({ params: { inventory: name } });
      process.stdout.write(`The inventory ${printable(name)} is removed.\n`);
    });
}

type SaveOptions = Omit<InventoryOptions, 'inventory'> & { inventory?: string[]; output: Format };

/** `muster inventory` has the options of an inventory too, and is handed them wherever they stand; so all are read together. */
async function save(name: string, _options: object, command: Command): Promise<void> {
  const { output, inventory: sources, ...options } = command.optsWithGlobals<SaveOptions>();
  if (sources === undefined) throw new CliError('Name the inventory to keep with -i.', 2);
  const inventory = await inventoryOf({ ...options, inventory: sources });
  for (const warning of inventory.warnings) process.stderr.write(`warning: ${printable(warning)}\n`);
  const document = plainDocument(inventory);
  refuseSecrets(document);
  const saved = await serverClient(command).saveInventory({ params: { inventory: name }, body: { document } });
  printOne(output, saved, () =>
    output === 'name'
      ? `${saved.name}\n`
      : `${saved.name}: version ${saved.version ?? '-'}, ${saved.hosts} hosts. Next: muster runs start --inventory ${saved.name} --dry-run --follow\n`,
  );
}

/** Before anything is sent: a secret that is refused has not left this machine. */
function refuseSecrets(document: string): void {
  const file = 'inventory.yml';
  const kept = readInventory([file], { read: (path) => (path === file ? document : undefined), list: () => undefined });
  const problems = secretProblems(kept, secretsFolder);
  if (problems.length > 0) throw new CliError(`Nothing was saved, because others would read its secrets:\n${problems.join('\n')}`);
}
