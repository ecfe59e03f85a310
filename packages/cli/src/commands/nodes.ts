import type { Node } from '@muster/api';
import type { Command } from 'commander';
import { localClient } from '../client/local-client.ts';
import { type Format, formatOption, printList } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import type { Column } from '../output/table.ts';
import { duration, health, memory } from '../output/units.ts';

const pageSize = 1000;

const columns: Column<Node>[] = [
  { title: 'NAME', cell: (node) => node.name },
  { title: 'HEALTH', cell: (node) => health(node.health.state) },
  { title: 'HEARD', cell: (node) => (node.heartbeatAgeSeconds === null ? 'never' : `${duration(node.heartbeatAgeSeconds)} ago`) },
  { title: 'PRIVATE IP', cell: (node) => node.privateIp ?? '-' },
  { title: 'REGISTERED', cell: (node) => (node.registration === 'registered' ? 'yes' : 'no') },
  { title: 'CORES', alignRight: true, cell: (node) => String(node.facts?.cores ?? '-') },
  { title: 'MEMORY', alignRight: true, cell: (node) => (node.facts === null ? '-' : memory(node.facts.memoryBytes)) },
  { title: 'GPUS', alignRight: true, cell: (node) => String(node.facts?.gpus.length ?? '-') },
  { title: 'WHY', cell: (node) => printable(node.health.reasons.map((reason) => reason.message).join(' ')) },
];

const wide: Column<Node>[] = [
  { title: 'PUBLIC IP', cell: (node) => node.publicIp ?? '-' },
  { title: 'ENVIRONMENTS', cell: (node) => node.environments },
  { title: 'HOSTNAME', cell: (node) => printable(node.facts?.hostname ?? '-') },
  { title: 'OS', cell: (node) => printable(node.facts?.os.name ?? '-') },
  { title: 'KERNEL', cell: (node) => printable(node.facts?.kernel ?? '-') },
  { title: 'AGENT', cell: (node) => printable(node.facts?.agentVersion ?? '-') },
  { title: 'CERTIFICATE UNTIL', cell: (node) => node.certificateExpiresAt?.slice(0, 10) ?? '-' },
];

type Options = { output: Format; sort: string; filter: string[] };

/** `muster nodes`: all nodes, whole, however many pages that takes. */
export function addNodesCommand(program: Command): void {
  program
    .command('nodes')
    .description('list the nodes and how they fare')
    .addOption(formatOption())
    .option('--sort <keys>', 'comma list of keys, "-" before a key for descending order', 'name')
    .option('--filter <key:value>', 'only nodes for which this holds; repeatable', (value: string, all: string[]) => [...all, value], [])
    .addHelpText(
      'after',
      '\nExamples:\n  muster nodes --filter health:bad\n  muster nodes --sort=-cores,name -o wide\n  muster nodes -o name',
    )
    .action(async (options: Options, command: Command) => {
      const client = localClient(command);
      const nodes: Node[] = [];
      for (;;) {
        const page = await client.listNodes({
          query: { sort: options.sort, filter: options.filter, limit: pageSize, offset: nodes.length },
        });
        nodes.push(...page.items);
        if (page.items.length === 0 || nodes.length >= page.total) break;
      }
      printList(options.output, nodes, columns, wide, (node) => node.name);
      if (options.output === 'table' && nodes.length === 0)
        process.stderr.write('No nodes yet: "muster apply -i inventory.ini", or "muster node add NAME".\n');
    });
}
