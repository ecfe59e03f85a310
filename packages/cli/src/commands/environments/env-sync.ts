import type { Client, NodeEnvironment, NodeSync, SyncAnswer } from '@muster/api';
import { type Command, Option } from 'commander';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printList, printOne, wholeNumber } from '../../output/format.ts';
import { nodeColumns, syncColumns, wideNodeColumns, wideSyncColumns } from './env-columns.ts';
import { nodesOf, waitForNodes } from './wait-for-nodes.ts';

const pageSize = 1000;
const collect = (value: string, all: string[]) => [...all, value];

type SyncOptions = { env: string[]; prune?: true; wait?: true; timeout: number; output: Format };
type StatusOptions = { node?: string; range?: string; sync?: NodeSync['sync']; output: Format };

/** `muster env sync|status`. */
export function addSyncCommands(env: Command): void {
  env
    .command('sync')
    .argument('<range>', 'nodes, as a node range')
    .description('bring nodes level: what is missing, of another version, or should not be there')
    .option('--env <name>', 'only this environment; repeatable', collect, [])
    .option('--prune', 'also remove environments that this server does not know')
    .option('--wait', 'wait until the nodes that are there are level')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber(1, 86_400), 3600)
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster env sync node05\n  muster env sync "rack1,-node03" --wait')
    .action(sync);
  env
    .command('status')
    .argument('[name]', 'one environment on all its nodes; without it all nodes')
    .description('whether nodes are in sync, and what differs')
    .option('--node <name>', 'all environments of one node')
    .option('--range <range>', 'only these nodes')
    .addOption(new Option('--sync <state>', 'only nodes in this state').choices(['in-sync', 'out-of-sync', 'off', 'unknown']))
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  muster env status\n  muster env status ml\n  muster env status --node node05 -o wide\n  muster env status --sync out-of-sync -o name',
    )
    .action(status);
}

async function sync(range: string, options: SyncOptions, command: Command): Promise<void> {
  const client = serverClient(command);
  const environments = options.env.length === 0 ? {} : { environments: options.env };
  const answer = await client.syncEnvironments({ body: { range, prune: options.prune === true, ...environments } });
  if (options.wait === true && answer.scheduled.length > 0)
    await waitForNodes(() => scheduledOn(client, answer), 'sync', { timeoutSeconds: options.timeout });
  printOne(options.output, answer, () => {
    const nodes = new Set(answer.scheduled.map(({ nodeId }) => nodeId)).size;
    if (nodes === 0) return 'Nothing to do: by their own reports these nodes are level, or are being brought there.\n';
    const lines = answer.scheduled.map(
      ({ nodeName, environment, action, version }) =>
        `  ${nodeName}: ${action} ${environment}${version === null ? '' : ` (version ${version})`}\n`,
    );
    return `${options.wait === true ? 'Done' : 'Scheduled'} on ${nodes} of ${answer.nodes} nodes:\n${lines.join('')}`;
  });
}

/** What was scheduled, as it is now; what is gone is done. */
async function scheduledOn(client: Client, { scheduled }: SyncAnswer): Promise<NodeEnvironment[]> {
  const nodes = new Map<string, NodeEnvironment[]>();
  for (const { nodeId } of scheduled)
    if (!nodes.has(nodeId)) nodes.set(nodeId, (await client.listNodeEnvironments({ params: { node: nodeId } })).items);
  return scheduled.flatMap(({ nodeId, environment }) => nodes.get(nodeId)?.filter((one) => one.environment === environment) ?? []);
}

async function status(name: string | undefined, options: StatusOptions, command: Command): Promise<void> {
  const client = serverClient(command);
  const { output } = options;
  if (options.node !== undefined) {
    const { items } = await client.listNodeEnvironments({ params: { node: options.node } });
    const shown = items.filter(
      (one) => (name === undefined || one.environment === name) && (options.sync === undefined || one.sync === options.sync),
    );
    return printList(output, shown, nodeColumns, wideNodeColumns, ({ environment }) => environment);
  }
  const inRange =
    options.range === undefined && name === undefined
      ? undefined
      : await allSync(client, options.range === undefined ? {} : { range: options.range });
  if (name !== undefined) {
    const ids = new Set(inRange?.map(({ nodeId }) => nodeId));
    const items = (await nodesOf(client, name)).filter(
      (one) => ids.has(one.nodeId) && (options.sync === undefined || one.sync === options.sync),
    );
    return printList(output, items, nodeColumns, wideNodeColumns, ({ nodeName }) => nodeName);
  }
  const nodes = (inRange ?? (await allSync(client, {}))).filter((one) => options.sync === undefined || one.sync === options.sync);
  printList(output, nodes, syncColumns, wideSyncColumns, ({ nodeName }) => nodeName);
}

async function allSync(client: Client, query: { range?: string }): Promise<NodeSync[]> {
  const all: NodeSync[] = [];
  for (;;) {
    const page = await client.listNodeSync({ query: { ...query, limit: pageSize, offset: all.length } });
    all.push(...page.items);
    if (page.items.length === 0 || all.length >= page.total) return all;
  }
}
