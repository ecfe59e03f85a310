import type { Node } from '@muster/api';
import { nodeCsvHeader, nodeCsvLine } from '@muster/core';
import { type Command, Option } from 'commander';
import { serverClient } from '../client/server-client.ts';
import { type Format, formats, printList } from '../output/format.ts';
import { collect } from '../output/options.ts';
import { GivenRange } from '../range/given-range.ts';
import { type Selection, selectNodes } from '../range/select-nodes.ts';
import { nodeColumns, wideNodeColumns } from './node/node-columns.ts';
import { findView } from './node/find-view.ts';

type Options = { output: Format | 'csv'; sort: string; filter: string[]; range?: string; view?: string; allowEmpty?: boolean };

/** `muster nodes`: all nodes, or those of a range and filters, whole, however many pages that takes. */
export function addNodesCommand(program: Command): void {
  program
    .command('nodes')
    .description('list the nodes and how they fare')
    .addOption(new Option('-o, --output <format>', 'how to print; csv has every field').choices([...formats, 'csv']).default('table'))
    .option('--range <range>', 'only the nodes of this range, such as "rack1,-node07"; ^FILE is read here')
    .option('--sort <keys>', 'comma list of keys, "-" before a key for descending order', 'name')
    .option('--filter <key:value>', 'only nodes for which this holds; repeatable', collect, [])
    .option('--view <name>', 'as a saved view has it; what is given besides is added')
    .option('--allow-empty', 'a range may match no node')
    .addHelpText(
      'after',
      `
Examples:
  muster nodes --filter health:bad,degraded
  muster nodes --range 'rack1,-node[07-08]' --sort=-cores,name -o wide
  muster nodes --filter 'cores:>=32' --filter label.zone:a -o name
  muster nodes --filter 'certificateExpiresAt:<now+14d'
  muster nodes --view gpus -o csv > gpus.csv

Keys, filters and ranges are told in docs/nodes.md and docs/ranges.md; a wrong one is answered with the good ones.`,
    )
    .action(async (options: Options, command: Command) => {
      const client = serverClient(command);
      const view = options.view === undefined ? undefined : await findView(client, options.view);
      const isSortGiven = command.getOptionValueSource('sort') !== 'default';
      const nodes = await selectNodes(client, {
        sort: isSortGiven || view === undefined ? options.sort : view.query.sort,
        filter: [...(view?.query.filter ?? []), ...options.filter],
        range: rangeOf(options.range, view?.query.range ?? undefined),
        allowEmpty: options.allowEmpty === true,
      });
      print(options.output, nodes);
      if (options.output === 'table' && nodes.length === 0) process.stderr.write(nothing(options));
    });
}

/** The nodes of both, where a view has a range and another one is given. */
function rangeOf(given: string | undefined, ofView: string | undefined): Selection['range'] {
  if (given !== undefined && ofView !== undefined) return new GivenRange(`(${ofView})@(${given})`);
  const range = given ?? ofView;
  return range === undefined ? undefined : new GivenRange(range);
}

function print(output: Options['output'], nodes: readonly Node[]): void {
  if (output !== 'csv') return printList(output, nodes, nodeColumns, wideNodeColumns, (node) => node.name);
  const nowMs = Date.now();
  process.stdout.write(nodeCsvHeader());
  for (const node of nodes) process.stdout.write(nodeCsvLine(node, nowMs));
}

const nothing = ({ filter, range, view }: Options): string =>
  filter.length > 0 || range !== undefined || view !== undefined
    ? 'No node matches.\n'
    : 'No nodes yet: "muster apply -i inventory.ini", or "muster node add NAME".\n';
