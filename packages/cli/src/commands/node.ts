import { NodeCreate } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { localClient } from '../client/local-client.ts';
import { type Format, formatOption, printOne } from '../output/format.ts';
import { describeNode } from './describe-node.ts';
import { addEnsureCommand } from './node-ensure.ts';

type AddOptions = { privateIp?: string; publicIp?: string; label: string[]; group: string[]; environments: string; output: Format };

const collect = (value: string, all: string[]) => [...all, value];

/** `muster node add|show|token|remove`. */
export function addNodeCommands(program: Command): void {
  const node = program.command('node').description('add, show and remove single nodes');
  node
    .command('add')
    .argument('<name>', 'name of the node, unique')
    .description('add a node; prints the one line to run on its host')
    .option('--private-ip <address>', 'address in the cluster’s network')
    .option('--public-ip <address>', 'address from outside')
    .option('--label <key=value>', 'a label; repeatable', collect, [])
    .option('--group <name>', 'a group; repeatable', collect, [])
    .option('--environments <on|off>', 'whether environments are kept on the node', 'on')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster node add web1 --private-ip 10.0.0.11 --label rack=a')
    .action(addNode);
  node
    .command('show')
    .argument('<name>', 'name or id of the node')
    .description('everything known of one node')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster node show web1')
    .action(async (name: string, { output }: { output: Format }, command: Command) => {
      const found = await localClient(command).getNode({ params: { node: name } });
      printOne(output, found, () => describeNode(found));
    });
  node
    .command('token')
    .argument('<name>', 'name or id of the node')
    .description('make a new single-use join token; earlier unused ones end')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster node token web1')
    .action(async (name: string, { output }: { output: Format }, command: Command) => {
      const token = await localClient(command).makeJoinToken({ params: { node: name } });
      printOne(output, token, () => `${token.command}\n`);
    });
  node
    .command('remove')
    .argument('<name>', 'name or id of the node')
    .description('remove a node: its certificates are revoked, its history is kept')
    .addHelpText('after', '\nExample:\n  muster node remove web1')
    .action(async (name: string, _options: object, command: Command) => {
      await localClient(command).removeNode({ params: { node: name } });
      process.stdout.write(`${name} is removed and its certificates are revoked.\n`);
    });
  addEnsureCommand(node);
}

async function addNode(name: string, options: AddOptions, command: Command): Promise<void> {
  const parsed = NodeCreate.safeParse({
    name,
    privateIp: options.privateIp ?? null,
    publicIp: options.publicIp ?? null,
    labels: Object.fromEntries(options.label.map(labelOf)),
    groups: options.group,
    environments: options.environments,
  });
  if (!parsed.success) throw new CliError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'), 2);
  const client = localClient(command);
  const node = await client.addNode({ body: parsed.data });
  const join = await client.makeJoinToken({ params: { node: node.id } });
  printOne(
    options.output,
    { node, join },
    () => `${node.name} is added. On its host run, before ${join.expiresAt}:\n\n  ${join.command}\n`,
  );
}

function labelOf(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new CliError(`"${text}" is not a label: write KEY=VALUE.`, 2);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
