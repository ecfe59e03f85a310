import { setTimeout as sleep } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import type { Client, EnvironmentPackage } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printList, printOne, wholeNumber } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';

const version = wholeNumber(1, 2_147_483_647);

const columns: Column<EnvironmentPackage>[] = [
  { title: 'PACKAGE', cell: ({ name }) => printable(name) },
  { title: 'VERSION', cell: (one) => printable(one.version) },
  { title: 'FROM', cell: ({ source }) => printable(source) || '-' },
];

type PackagesOptions = { node?: string; version?: number; refresh?: true; output: Format };
type ExportOptions = { lock?: true; node?: string; version?: number; file?: string; output: Format };

/** `muster env packages|export`. */
export function addContentsCommands(env: Command): void {
  env
    .command('packages')
    .argument('<name>', 'name of the environment')
    .description('the packages in it, as a node listed them when it had built it')
    .option('--node <name>', 'as this node listed them')
    .option('--version <n>', 'of this version', version)
    .option('--refresh', 'with --node: have the node list them anew')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster env packages ml\n  muster env packages ml --node node05 --refresh')
    .action(packages);
  env
    .command('export')
    .argument('<name>', 'name of the environment')
    .description('the definition as a file, or with --lock exactly what a node installed')
    .option('--lock', 'the lock: @EXPLICIT of conda, or pins of pip')
    .option('--node <name>', 'with --lock: as this node installed it')
    .option('--version <n>', 'of this version', version)
    .option('--file <file>', 'write to this file instead of standard output')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster env export ml > environment.yml\n  muster env export ml --lock --file ml.lock')
    .action(exportFile);
}

async function packages(name: string, options: PackagesOptions, command: Command): Promise<void> {
  const client = serverClient(command);
  if (options.refresh === true) await refresh(client, name, options.node);
  const query = defined({ node: options.node, version: options.version });
  const found = await client.listEnvironmentPackages({ params: { environment: name }, query });
  printList(options.output, found.items, columns, [], (one) => one.name);
  if (options.output === 'table') {
    const more = found.truncated ? '; there are more than the node lists' : '';
    process.stderr.write(`Version ${found.version}, as ${found.nodeName} listed it at ${found.listedAt}${more}.\n`);
  }
}

const refreshSeconds = 600;

async function refresh(client: Client, name: string, node: string | undefined): Promise<void> {
  if (node === undefined) throw new CliError('--refresh asks one node: say --node NAME.', 2);
  await client.refreshEnvironmentPackages({ params: { environment: name }, body: { node } });
  for (const untilMs = performance.now() + refreshSeconds * 1000; performance.now() < untilMs; await sleep(500)) {
    const { items } = await client.listNodeEnvironments({ params: { node } });
    const work = items.find(({ environment }) => environment === name)?.work;
    if (work?.state === 'success') return;
    if (work?.state === 'failed') throw new CliError(`${node} could not list them: ${printable(work.message)}`);
    if (work?.message.startsWith('Waits for ') === true) throw new CliError(`${node} is not connected; it lists them when it is back.`);
  }
  throw new CliError(`${node} did not list them within ${refreshSeconds} s.`);
}

async function exportFile(name: string, options: ExportOptions, command: Command): Promise<void> {
  const query = defined({
    format: options.lock === true ? ('lock' as const) : ('definition' as const),
    node: options.node,
    version: options.version,
  });
  const found = await serverClient(command).exportEnvironment({ params: { environment: name }, query });
  if (options.file === undefined) return printOne(options.output, found, () => found.content);
  await writeFile(options.file, found.content);
  process.stderr.write(`Version ${found.version} of ${name} is in ${options.file}.\n`);
}

/** Without the members that were not given. */
const defined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
