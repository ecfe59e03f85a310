import { graphLines, hostText, type Inventory, listText } from '@muster/core';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import { addInventoryOptions, inventoryOf, type InventoryOptions } from '../../ssh/inventory-options.ts';

type Options = InventoryOptions & { list?: boolean; host?: string; graph?: boolean; vars?: boolean; export?: boolean };

/** `muster inventory`: what an inventory says, printed as Ansible's own program prints it. */
export function addInventoryCommand(program: Command): void {
  addInventoryOptions(
    program
      .command('inventory')
      .description("hosts, groups and variables of an inventory, as Ansible's ansible-inventory prints them; no host is asked")
      .argument('[group]', 'with --graph: the group to begin with (default: all)'),
  )
    .option('--list', 'all hosts and groups as JSON')
    .option('--host <name>', 'the variables of one host as JSON')
    .option('--graph', 'groups and hosts as a tree')
    .option('--vars', 'with --graph: also variables')
    .option('--export', 'with --list: variables of groups at the groups, not at each host')
    .addHelpText(
      'after',
      `
Examples:
  muster inventory -i inventory.ini --graph --vars
  muster inventory -i inventory.ini --graph worker
  muster inventory -i inventory.ini --list
  muster inventory -i inventory.ini --host web1 -e http_port=8080

Passwords that the inventory holds are printed too. The rules: docs/inventory.md.`,
    )
    .action((group: string | undefined, options: Options) => {
      checkActions(group, options);
      const inventory = inventoryOf(options);
      for (const warning of inventory.warnings) process.stderr.write(`warning: ${printable(warning)}\n`);
      process.stdout.write(textFor(inventory, group, options));
    });
}

function checkActions(group: string | undefined, { list, host, graph, vars, export: isExport }: Options): void {
  const asked = [list, host, graph].filter((action) => action !== undefined);
  if (asked.length !== 1) throw new CliError('Say one of --list, --host <name> and --graph.', 2);
  if (graph === undefined && (group !== undefined || vars !== undefined)) {
    throw new CliError('A group and --vars go with --graph only.', 2);
  }
  if (list === undefined && isExport !== undefined) throw new CliError('--export goes with --list only.', 2);
}

function textFor(inventory: Inventory, group: string | undefined, options: Options): string {
  if (options.host !== undefined) return `${hostText(inventory, options.host)}\n`;
  if (options.list !== undefined) return `${listText(inventory, options.export)}\n`;
  const lines = graphLines(inventory, { group, hasVariables: options.vars });
  return lines.map((line) => `${printable(line)}\n`).join('');
}
