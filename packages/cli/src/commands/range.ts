import { text as readAll } from 'node:stream/consumers';
import { foldNames, readInventory } from '@muster/core';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { serverClient } from '../client/server-client.ts';
import { inventoryFiles } from '../inventory-files.ts';
import { type Format, formatOption, printList, printOne } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import { GivenRange } from '../range/given-range.ts';
import { rangeHere } from '../range/range-here.ts';

type ExpandOptions = { output: Format; inventory?: string[]; allowEmpty?: boolean };
type FoldOptions = { output: Format; inventory?: string[] };

const inventories = (path: string, all: string[] | undefined): string[] => [...(all ?? []), path];

/** `muster range expand|fold`: the language of node ranges at work. */
export function addRangeCommands(program: Command): void {
  const range = program.command('range').description('node ranges: which nodes a range names, and the shortest range for nodes');
  range
    .command('expand')
    .argument('<range>', 'a range, such as "rack1,-node[03-05]" or "cores>=32@health=good"')
    .description('the nodes that a range names, a line for each; ^FILE is read here')
    .option('-i, --inventory <path>', 'ask an inventory instead of a server; repeatable', inventories)
    .option('--allow-empty', 'the range may match no node')
    .addOption(formatOption().default('name'))
    .addHelpText(
      'after',
      `
Examples:
  muster range expand 'node[01-12],-node07'
  muster range expand 'rack1@health=bad' --allow-empty
  muster range expand -i inventory.ini 'worker,-^broken.txt'

The whole language: docs/ranges.md.`,
    )
    .action(async (text: string, { output, inventory, allowEmpty = false }: ExpandOptions, command: Command) => {
      const names = inventory === undefined ? await expandThere(text, allowEmpty, command) : rangeHere(text, inventory, allowEmpty);
      printList(output, names, [{ title: 'NAME', cell: printable }], [], (name) => name);
    });
  range
    .command('fold')
    .argument('<name...>', 'names of nodes, which must exist; "-" reads them from standard input')
    .description('the shortest range that names exactly these nodes')
    .option('-i, --inventory <path>', 'ask an inventory instead of a server; repeatable', inventories)
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  muster range fold node01 node02 node03 web1\n  muster nodes --filter health:bad -o name | muster range fold -',
    )
    .action(async (given: string[], { output, inventory }: FoldOptions, command: Command) => {
      const names = await namesOf(given);
      const folded =
        inventory === undefined ? (await serverClient(command).foldRange({ body: { names } })).range : foldHere(names, inventory);
      printOne(output, { range: folded }, () => `${folded}\n`);
    });
}

async function expandThere(text: string, allowEmpty: boolean, command: Command): Promise<string[]> {
  const client = serverClient(command);
  return (await new GivenRange(text).ask((range) => client.expandRange({ body: { range, allowEmpty } }))).names;
}

function foldHere(names: readonly string[], inventory: readonly string[]): string {
  const known = new Set(readInventory(inventory, inventoryFiles).hosts);
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new CliError(`The inventory has no host ${unknown.slice(0, 20).map(printable).join(', ')}.`, 2);
  return foldNames(names);
}

/** Names on the command line, and where `-` stands among them those of standard input, with blanks or lines between. */
async function namesOf(given: readonly string[]): Promise<string[]> {
  if (!given.includes('-')) return [...given];
  const read = (await readAll(process.stdin)).split(/\s+/u).filter((name) => name !== '');
  return given.flatMap((name) => (name === '-' ? read : [name]));
}
