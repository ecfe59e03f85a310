import type { NodeView } from '@muster/api';
import type { Command } from 'commander';
import { serverClient } from '../client/server-client.ts';
import { type Format, formatOption, printList } from '../output/format.ts';
import { collect } from '../output/options.ts';
import { printable } from '../output/printable.ts';
import type { Column } from '../output/table.ts';
import { GivenRange } from '../range/given-range.ts';
import { findView, ownView } from './node/find-view.ts';

const columns: Column<NodeView>[] = [
  { title: 'NAME', cell: (view) => printable(view.name) },
  { title: 'SHARED', cell: (view) => (view.shared ? 'yes' : 'no') },
  { title: 'OWNER', cell: (view) => (view.own ? 'you' : printable(view.owner)) },
  { title: 'RANGE', cell: ({ query }) => printable(query.range ?? '-') },
  { title: 'FILTERS', cell: ({ query }) => printable(query.filter.join(' ') || '-') },
  { title: 'SORT', cell: ({ query }) => printable(query.sort) },
];
const wide: Column<NodeView>[] = [
  { title: 'COLUMNS', cell: ({ query }) => printable(query.columns?.join(',') ?? '-') },
  { title: 'CHANGED', cell: (view) => view.updatedAt },
  { title: 'ID', cell: (view) => view.id },
];

type SaveOptions = { sort: string; filter: string[]; range?: string; shared?: boolean };

/** `muster view list|save|remove`: lists of nodes kept by a name. */
export function addViewCommands(program: Command): void {
  const view = program.command('view').description('lists of nodes that are kept by a name: your own, and shared ones');
  view
    .command('list')
    .description('the saved views')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster view list')
    .action(async ({ output }: { output: Format }, command: Command) => {
      printList(output, (await serverClient(command).listViews({})).items, columns, wide, ({ name }) => name);
    });
  view
    .command('save')
    .argument('<name>', 'name of the view; one of yours with this name is replaced')
    .description('keep a range, filters and an order by a name, for "muster nodes --view" and the panel')
    .option('--range <range>', 'the nodes of this range')
    .option('--sort <keys>', 'comma list of keys, "-" before a key for descending order', 'name')
    .option('--filter <key:value>', 'nodes for which this holds; repeatable', collect, [])
    .option('--shared', 'everyone sees it; takes the role operator')
    .addHelpText('after', '\nExample:\n  muster view save gpus --filter "gpus:>0" --sort=-gpus,name')
    .action(saveView);
  view
    .command('remove')
    .argument('<name>', 'name of the view: your own, or else the shared one')
    .description('forget a view')
    .addHelpText('after', '\nExample:\n  muster view remove gpus')
    .action(async (name: string, _options: object, command: Command) => {
      const client = serverClient(command);
      const { id, shared } = await findView(client, name);
      await client.removeView({ params: { id } });
      process.stdout.write(`The ${shared ? 'shared ' : ''}view ${printable(name)} is removed.\n`);
    });
}

async function saveView(name: string, { sort, filter, range, shared = false }: SaveOptions, command: Command): Promise<void> {
  const client = serverClient(command);
  const query = { sort, filter, range: range === undefined ? null : new GivenRange(range).text, columns: null };
  const { items } = await client.listViews({});
  const before = shared ? items.find((view) => view.shared && view.name === name) : ownView(items, name);
  if (before === undefined) await client.addView({ body: { name, shared, query } });
  else await client.replaceView({ params: { id: before.id }, body: { ...before, query } });
  process.stdout.write(`The ${shared ? 'shared ' : ''}view ${printable(name)} is ${before === undefined ? 'saved' : 'replaced'}.\n`);
}
