import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { ConsoleKind, type NodeController, NodeControllerSet } from '@muster/api';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printOne, wholeNumber } from '../../output/format.ts';
import { collect } from '../../output/options.ts';
import { printable } from '../../output/printable.ts';
import { askSecret, canAsk } from '../../ssh/ask.ts';
import { requireYes } from '../../ssh/require-yes.ts';

type SetOptions = {
  kind: NodeController['kind'];
  address: string;
  user: string;
  port?: number;
  certificateSha256?: string;
  hostKey: string[];
  passwordFile?: string;
  keepPassword?: boolean;
  output: Format;
};

/** `muster node controller ...`: how the management controllers (BMC) of nodes are reached. */
export function addControllerCommands(node: Command): void {
  const controller = node.command('controller').description('the management controllers of nodes, by which their consoles are reached');
  addSet(controller);
  controller
    .command('show')
    .argument('<node>', 'the node')
    .description('how the controller of a node is reached; its password is never shown')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster node controller show web1')
    .action(async (name: string, { output }: { output: Format }, command: Command) =>
      print(output, await serverClient(command).getController({ params: { node: name } })),
    );
  controller
    .command('remove')
    .argument('<node>', 'the node')
    .description('forget the controller of a node, with its password')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  muster node controller remove web1 --yes')
    .action(async (name: string, { yes }: { yes?: boolean }, command: Command) => {
      if (yes !== true) await requireYes(`Forget the controller of ${name}, with its password?`, 'Nothing was forgotten.');
      await serverClient(command).removeController({ params: { node: name } });
      process.stdout.write(`The controller of ${printable(name)} was forgotten.\n`);
    });
}

function addSet(controller: Command): void {
  controller
    .command('set')
    .argument('<node>', 'the node')
    .description('say how the controller of a node is reached; the password is asked for, or read from a file')
    .addOption(new Option('--kind <kind>', 'by what its console is reached').choices(ConsoleKind.options).default('ipmi'))
    .requiredOption('--address <address>', 'name or address of the controller')
    .requiredOption('--user <name>', 'who signs in there')
    .option('--port <n>', 'its port (default: 623, of Redfish 443)', wholeNumber(1, 65_535))
    .option('--certificate-sha256 <hex>', 'fingerprint of the certificate that its Redfish service shows')
    .option('--host-key <key>', 'host key of its SSH server, "type base64"; repeatable', collect, [])
    .option('--password-file <file>', 'file that holds the password; "-": standard input')
    .option('--keep-password', 'the password as it was')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  muster node controller set web1 --address 10.0.1.11 --user admin\n  muster node controller set web1 --kind redfish --address bmc1 --user admin --password-file bmc.password',
    )
    .action(async (name: string, options: SetOptions, command: Command) => {
      const { kind, address, user, port, certificateSha256, hostKey: hostKeys, output } = options;
      const body = {
        ...{ kind, address, user, hostKeys },
        ...(port === undefined ? {} : { port }),
        ...(certificateSha256 === undefined ? {} : { certificateSha256: certificateSha256.replaceAll(':', '').toLowerCase() }),
      };
      const parsed = NodeControllerSet.safeParse(body);
      if (!parsed.success)
        throw new CliError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'), 2);
      const password = await passwordOf(name, options);
      const client = serverClient(command);
      print(
        output,
        await client.setController({ params: { node: name }, body: { ...body, ...(password === undefined ? {} : { password }) } }),
      );
    });
}

async function passwordOf(name: string, { passwordFile, keepPassword }: SetOptions): Promise<string | undefined> {
  if (passwordFile !== undefined && keepPassword === true) throw new CliError('Give --password-file or --keep-password, not both.', 2);
  if (keepPassword === true) return undefined;
  if (passwordFile === undefined) {
    if (!canAsk()) throw new CliError('Nobody can be asked for the password here: give --password-file FILE ("-" for standard input).', 2);
    return askSecret(`Password of the controller of ${name}`);
  }
  const content = await (passwordFile === '-' ? text(process.stdin) : readFile(passwordFile, 'utf8')).catch((cause: unknown) => {
    throw new CliError(`The password cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, 1, { cause });
  });
  const password = content.replace(/\r?\n$/u, '');
  if (password === '') throw new CliError('The password is empty.', 2);
  return password;
}

function print(output: Format, controller: NodeController): void {
  const { nodeName, kind, address, port, user, certificateSha256, hostKeys, since } = controller;
  const rows = [
    ['Node', nodeName],
    ['Kind', kind],
    ['Address', `${address}, port ${port}`],
    ['User', user],
    ...(certificateSha256 === null ? [] : [['Certificate', certificateSha256]]),
    ...hostKeys.map((key) => ['Host key', key]),
    ['Since', since],
  ];
  printOne(output, controller, () => rows.map(([title = '', value = '']) => `${title.padEnd(12)}${printable(value)}\n`).join(''));
}
