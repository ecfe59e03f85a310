import { graphLines, hostText, type Inventory, listText } from '@muster/core';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import { collect } from '../../output/options.ts';
import { addInventoryOptionsIfAny, inventoryOf, type InventoryOptions } from '../../ssh/inventory-options.ts';
import { addInventoryInitCommand } from './inventory-init.ts';
import { addSavedInventoryCommands } from './saved-inventories.ts';
import { nodesDocument, readNodesDocument } from './inventory-of-nodes.ts';

type Options = Omit<InventoryOptions, 'inventory'> & {
  inventory?: string[];
  list?: boolean;
  host?: string;
  graph?: boolean;
  vars?: boolean;
  export?: boolean;
  yaml?: boolean;
  range?: string;
  filter: string[];
};

/** `muster inventory`: what an inventory says, or the registered nodes as one, printed as Ansible's own program prints it. */
export function addInventoryCommand(program: Command): void {
  const inventory = program.command('inventory');
  addInventoryInitCommand(inventory);
  addSavedInventoryCommands(inventory);
  addInventoryOptionsIfAny(
    inventory
      .description(
        "hosts, groups and variables of an inventory as Ansible's ansible-inventory prints them; without -i, of the registered nodes",
      )
      .argument('[group]', 'with --graph: the group to begin with (default: all)'),
  )
    .option('--list', 'all hosts and groups as JSON')
    .option('--host <name>', 'the variables of one host as JSON')
    .option('--graph', 'groups and hosts as a tree')
    .option('--vars', 'with --graph: also variables')
    .option('--export', 'with --list: variables of groups at the groups, not at each host')
    .option('--yaml', 'with --list, of the registered nodes: a file that Ansible and Muster read')
    .option('--range <range>', 'of the registered nodes: only those of this range')
    .option('--filter <key:value>', 'of the registered nodes: only those for which this holds; repeatable', collect, [])
    .addHelpText(
      'after',
      `
Examples:
  muster inventory -i inventory.ini --graph --vars
  muster inventory -i inventory.ini --graph worker
  muster inventory -i inventory.ini --list
  muster inventory -i inventory.ini --host web1 -e http_port=8080
  muster inventory --list --yaml --filter health:good > nodes.yml

Passwords that the inventory holds are printed too. The rules, and the registered nodes for Ansible: docs/inventory.md.`,
    )
    .action(async (group: string | undefined, options: Options, command: Command) => {
      checkActions(group, options);
      const inventory = await chosenInventory(options, command);
      if (typeof inventory === 'string') return void process.stdout.write(inventory);
      for (const warning of inventory.warnings) process.stderr.write(`warning: ${printable(warning)}\n`);
      process.stdout.write(textFor(inventory, group, options));
    });
}

/** That of the files named, or the registered nodes; as a document where that is asked for. */
async function chosenInventory(options: Options, command: Command): Promise<Inventory | string> {
  const { inventory, range, filter, yaml } = options;
  if (inventory !== undefined) return await inventoryOf({ ...options, inventory });
  const document = await nodesDocument(command, { filter, ...(range === undefined ? {} : { range }) });
  return yaml === true ? document : readNodesDocument(document);
}

function checkActions(group: string | undefined, options: Options): void {
  const { list, host, graph, vars, export: isExport, yaml } = options;
  const asked = [list, host, graph].filter((action) => action !== undefined);
  if (asked.length !== 1) throw new CliError('Say one of --list, --host <name> and --graph.', 2);
  if (graph === undefined && (group !== undefined || vars !== undefined)) {
    throw new CliError('A group and --vars go with --graph only.', 2);
  }
  if (list === undefined && (isExport !== undefined || yaml !== undefined)) {
    throw new CliError('--export and --yaml go with --list only.', 2);
  }
  checkSource(options);
}

/** What goes with registered nodes only, and what with an inventory only. */
function checkSource({ inventory, range, filter, yaml, extraVars, vaultPasswordFile, askVaultPass }: Options): void {
  const ofNodes = range !== undefined || filter.length > 0 || yaml !== undefined;
  if (inventory !== undefined && ofNodes) {
    throw new CliError('--range, --filter and --yaml are for the registered nodes: leave -i out.', 2);
  }
  if (inventory === undefined && (extraVars.length + vaultPasswordFile.length > 0 || askVaultPass === true)) {
    throw new CliError('-e, --vault-password-file and --ask-vault-pass go with an inventory: name one with -i.', 2);
  }
}

function textFor(inventory: Inventory, group: string | undefined, options: Options): string {
  if (options.host !== undefined) return `${hostText(inventory, options.host)}\n`;
  if (options.list !== undefined) return `${listText(inventory, options.export)}\n`;
  const lines = graphLines(inventory, { group, hasVariables: options.vars });
  return lines.map((line) => `${printable(line)}\n`).join('');
}
