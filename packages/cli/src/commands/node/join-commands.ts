import { type JoinToken, NodeCreate } from '@muster/api';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printOne } from '../../output/format.ts';
import { collect, labelOf } from '../../output/options.ts';

const ways = ['line', 'systemd', 'cloud-init'] as const;
type Way = (typeof ways)[number];

type AddOptions = {
  privateIp?: string;
  publicIp?: string;
  label: string[];
  group: string[];
  environments: string;
  notes: string;
  output: Format;
  as: Way;
};

const wayOption = (): Option =>
  new Option('--as <way>', 'how the machine is to join: a line to run on it, a drop-in of systemd, user data of cloud-init')
    .choices(ways)
    .default('line');

/** `muster node add|token|reissue`: how machines become nodes. */
export function addJoinCommands(node: Command): void {
  node
    .command('add')
    .argument('<name>', 'name of the node, unique')
    .description('add a node; prints the one line to run on its host')
    .option('--private-ip <address>', 'address in the cluster’s network, IPv4 or IPv6; without it the agent’s own is shown')
    .option('--public-ip <address>', 'address from outside')
    .option('--label <key=value>', 'a label; repeatable', collect, [])
    .option('--group <name>', 'a group; repeatable', collect, [])
    .option('--environments <on|off>', 'whether environments are kept on the node', 'on')
    .option('--notes <text>', 'what whoever looks at it should know', '')
    .addOption(wayOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  muster node add web1 --private-ip 10.0.0.11 --label rack=a\n  muster node add web2 --as cloud-init > user-data.yaml',
    )
    .action(addNode);
  node
    .command('token')
    .argument('<name>', 'name or id of the node')
    .description('make a new single-use join token for a node that is not registered; earlier unused ones end')
    .addOption(wayOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster node token web1')
    .action(async (name: string, { output, as }: { output: Format; as: Way }, command: Command) => {
      const token = await serverClient(command).makeJoinToken({ params: { node: name } });
      printOne(output, token, () => textOf(token, as));
    });
  node
    .command('reissue')
    .argument('<name>', 'name or id of the node')
    .description(
      'let a machine that was made anew come back under its name: the old certificate is revoked at once; prints the line to run on it',
    )
    .addOption(wayOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster node reissue web1')
    .action(async (name: string, { output, as }: { output: Format; as: Way }, command: Command) => {
      const token = await serverClient(command).reissueNode({ params: { node: name } });
      printOne(output, token, () => textOf(token, as));
    });
}

async function addNode(name: string, options: AddOptions, command: Command): Promise<void> {
  const parsed = NodeCreate.safeParse({
    name,
    privateIp: options.privateIp ?? null,
    publicIp: options.publicIp ?? null,
    labels: Object.fromEntries(options.label.map(labelOf)),
    groups: options.group,
    environments: options.environments,
    notes: options.notes,
  });
  if (!parsed.success) throw new CliError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'), 2);
  const client = serverClient(command);
  const node = await client.addNode({ body: parsed.data });
  const join = await client.makeJoinToken({ params: { node: node.id } });
  if (options.output === 'name') return void process.stdout.write(`${node.name}\n`);
  printOne(options.output, { node, join }, () =>
    options.as === 'line'
      ? `${node.name} is added. On its host run, before ${join.expiresAt}:\n\n  ${join.command}\n`
      : textOf(join, options.as),
  );
}

/** Nothing but what is to be used, so that it can be sent into a file. */
function textOf(join: JoinToken, way: Way): string {
  if (way === 'systemd') return join.systemd;
  return way === 'cloud-init' ? join.cloudInit : `${join.command}\n`;
}
