import type { Client, EnvironmentReplace, NodeEnvironment } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printList, printOne, wholeNumber } from '../../output/format.ts';
import { describeEnvironment } from './describe-environment.ts';
import { environmentColumns, wideEnvironmentColumns } from './env-columns.ts';
import { addContentsCommands } from './env-contents.ts';
import { addSyncCommands } from './env-sync.ts';
import { addDefinitionOptions, type DefinitionOptions, readDefinitionOptions, requireDefinition } from './read-definition-options.ts';
import { nodesOf, waitForNodes } from './wait-for-nodes.ts';

const pageSize = 1000;

type DecideOptions = DefinitionOptions & { nodes?: string; description?: string; wait?: true; timeout: number; output: Format };

/** `muster env ...`: environments and what becomes of them on the nodes. */
export function addEnvironmentCommands(program: Command): void {
  const env = program.command('env').description('environments (conda, virtual, archives) on the nodes');
  env
    .command('list')
    .description('list the environments and how they fare')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster env list')
    .action(async ({ output }: { output: Format }, command: Command) => {
      const { items } = await serverClient(command).listEnvironments({ query: { limit: pageSize } });
      printList(output, items, environmentColumns, wideEnvironmentColumns, ({ name }) => name);
      if (output === 'table' && items.length === 0) process.stderr.write('No environments yet: "muster env create NAME --archive FILE".\n');
    });
  env
    .command('show')
    .argument('<name>', 'name of the environment')
    .description('everything known of one environment')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster env show ml')
    .action(async (name: string, { output }: { output: Format }, command: Command) => {
      const client = serverClient(command);
      const found = await client.getEnvironment({ params: { environment: name } });
      const { items } = await client.listEnvironmentVersions({ params: { environment: name } });
      printOne(output, found, () => describeEnvironment(found, items));
    });
  addChangeCommands(env);
  addSyncCommands(env);
  addContentsCommands(env);
}

function addChangeCommands(env: Command): void {
  decideOptions(
    env
      .command('create')
      .argument('<name>', 'name of the environment')
      .description('create an environment; its nodes begin to build it at once'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  muster env create ml --archive ml.tar.gz\n  muster env create web --requirements requirements.txt --wheels wheels/ --nodes @web --wait\n  muster env create bio --conda environment.yml --nodes gpu',
    )
    .action(create);
  decideOptions(
    env
      .command('update')
      .argument('<name>', 'name of the environment')
      .description('give an environment a new version, or change its nodes'),
  )
    .addHelpText('after', '\nExamples:\n  muster env update ml --archive ml-2.tar.gz --wait\n  muster env update ml --nodes "gpu,-node05"')
    .action(update);
  env
    .command('clone')
    .argument('<name>', 'name of the environment')
    .argument('<new-name>', 'name of the other one')
    .description('create another environment with the same definition')
    .option('--nodes <range>', 'the nodes that are to have it; "all" for all (default: those of the first)')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster env clone ml ml-test --nodes node01')
    .action(async (name: string, newName: string, { nodes, output }: { nodes?: string; output: Format }, command: Command) => {
      const selector = nodes === undefined ? {} : { selector: selectorOf(nodes) };
      const made = await serverClient(command).cloneEnvironment({ params: { environment: name }, body: { name: newName, ...selector } });
      printOne(output, made, () => `${made.name} is created with the definition of ${name}.\n`);
    });
  env
    .command('remove')
    .argument('<name>', 'name of the environment')
    .description('remove an environment from the server and from all nodes')
    .option('--force', 'also from under processes that use it; without this each node waits for them to end')
    .option('--wait', 'wait until it is gone from the nodes that are there')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber(1, 86_400), 3600)
    .addHelpText('after', '\nExample:\n  muster env remove ml --wait')
    .action(remove);
}

const decideOptions = (command: Command): Command =>
  addDefinitionOptions(command)
    .option('--nodes <range>', 'the nodes that are to have it, also those that come later; "all" for all (the default)')
    .option('--description <text>', 'what it is for')
    .option('--wait', 'wait until the nodes that are there have built it')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber(1, 86_400), 3600)
    .addOption(formatOption());

/** All nodes are no selector: it stays so when groups and nodes change. */
const selectorOf = (range: string): string | null => (range === 'all' ? null : range);

async function create(name: string, options: DecideOptions, command: Command): Promise<void> {
  const client = serverClient(command);
  const definition = await requireDefinition(client, options);
  const selector = options.nodes === undefined ? {} : { selector: selectorOf(options.nodes) };
  const description = options.description === undefined ? {} : { description: options.description };
  const made = await client.createEnvironment({ body: { name, definition, ...selector, ...description } });
  await waitIfAsked(client, made.name, options, `${made.name} ${made.version}`);
  printOne(
    options.output,
    made,
    () => `${made.name} is created, version ${made.version}, for ${made.counts.nodes} node${made.counts.nodes === 1 ? '' : 's'}.\n`,
  );
}

async function update(name: string, options: DecideOptions, command: Command): Promise<void> {
  const client = serverClient(command);
  const definition = await readDefinitionOptions(client, options);
  if (definition === undefined && options.nodes === undefined && options.description === undefined)
    throw new CliError('Nothing to change: say --archive, --requirements or --conda for a new version, or --nodes or --description.', 2);
  const before = await client.getEnvironment({ params: { environment: name } });
  const body: EnvironmentReplace = {
    ...before,
    ...(definition === undefined ? {} : { definition }),
    ...(options.nodes === undefined ? {} : { selector: selectorOf(options.nodes) }),
    ...(options.description === undefined ? {} : { description: options.description }),
  };
  const after = await client.replaceEnvironment({ params: { environment: name }, body });
  await waitIfAsked(client, name, options, `${name} ${after.version}`);
  const what = after.version === before.version ? `stays at version ${after.version}` : `has version ${after.version} now`;
  printOne(options.output, after, () => `${after.name} ${what}.\n`);
}

async function waitIfAsked(client: Client, name: string, { wait, timeout }: DecideOptions, what: string): Promise<void> {
  if (wait === true) await waitForNodes(() => nodesOf(client, name), what, { timeoutSeconds: timeout });
}

type RemoveOptions = { force?: true; wait?: true; timeout: number };

async function remove(name: string, { force, wait, timeout }: RemoveOptions, command: Command): Promise<void> {
  const client = serverClient(command);
  const before = wait === true ? await nodesOf(client, name) : [];
  await client.removeEnvironment({ params: { environment: name }, query: { force: force === true ? 'true' : 'false' } });
  if (wait === true) await waitForNodes(() => removedFrom(client, name, before), `removing ${name}`, { timeoutSeconds: timeout });
  process.stdout.write(`${name} is removed${wait === true ? ' from the nodes that are there' : '; its nodes follow'}.\n`);
}

/** A removed environment has no list of its nodes any more: they are asked one by one. */
const removedFrom = (client: Client, name: string, before: readonly NodeEnvironment[]): Promise<NodeEnvironment[]> =>
  Promise.all(
    before.map(
      async (one) =>
        (await onNode(client, one, name)) ?? {
          ...one,
          work: one.work && { ...one.work, version: null, state: 'success' },
          wantedVersion: null,
        },
    ),
  );

async function onNode(client: Client, { nodeId }: NodeEnvironment, name: string): Promise<NodeEnvironment | undefined> {
  const { items } = await client.listNodeEnvironments({ params: { node: nodeId } });
  return items.find(({ environment }) => environment === name);
}
