import { text } from 'node:stream/consumers';
import type { Client, Webhook, WebhookSecret } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printList, printOne } from '../../output/format.ts';
import { openNewFile } from '../../output/new-file.ts';
import { printable } from '../../output/printable.ts';
import { requireYes } from '../../ssh/require-yes.ts';
import { describeWebhook, webhookColumns, wideWebhookColumns } from './webhook-columns.ts';
import { tellTest } from './tell-test.ts';

type SecretOptions = { out?: string; output: Format };

/** `muster webhook ...`: programs that are told of events. */
export function addWebhookCommands(program: Command): void {
  const webhook = program.command('webhook').description('programs that are told of events by HTTP');
  addSecretCommands(webhook);
  webhook
    .command('list')
    .description('all webhooks and how they fare')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster webhook list\n  muster webhook list -o wide')
    .action(async ({ output }: { output: Format }, command: Command) => {
      const { items } = await serverClient(command).listWebhooks({});
      printList(output, items, webhookColumns, wideWebhookColumns, ({ name }) => name);
    });
  webhook
    .command('show')
    .argument('<webhook>', 'name or id')
    .description('one webhook, with what went wrong the last time')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster webhook show pager')
    .action(async (name: string, { output }: { output: Format }, command: Command) => {
      const found = await find(serverClient(command), name);
      printOne(output, found, () => (output === 'name' ? `${found.name}\n` : describeWebhook(found)));
    });
  webhook
    .command('test')
    .argument('<webhook>', 'name or id')
    .description('send a test now, and say how that went; exit status 1 when it was not delivered')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster webhook test pager')
    .action(async (name: string, { output }: { output: Format }, command: Command) =>
      tellTest(output, await serverClient(command).testWebhook({ params: { webhook: name } })),
    );
  webhook
    .command('enable')
    .argument('<webhook>', 'name or id')
    .description('send again to a webhook that was disabled after a long failure')
    .addHelpText('after', '\nExample:\n  muster webhook enable pager')
    .action(async (name: string, _options: object, command: Command) => {
      const enabled = await serverClient(command).enableWebhook({ params: { webhook: name } });
      process.stdout.write(`${printable(enabled.name)} is ${enabled.state}; ${enabled.waiting} events wait.\n`);
    });
  webhook
    .command('remove')
    .argument('<webhook>', 'name or id')
    .description('remove a webhook with its subscriptions and what waits for it')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  muster webhook remove pager --yes')
    .action(async (name: string, { yes }: { yes?: boolean }, command: Command) => {
      const client = serverClient(command);
      const found = await find(client, name);
      if (yes !== true)
        await requireYes(
          `Remove the webhook ${printable(found.name)} with its subscriptions and ${found.waiting} waiting events?`,
          'Nothing was removed.',
        );
      await client.removeWebhook({ params: { webhook: found.id } });
      process.stdout.write(`${printable(found.name)} is removed.\n`);
    });
}

function addSecretCommands(webhook: Command): void {
  const out = ['--out <file>', 'write the secret to a new file that only you can read, instead of printing it'] as const;
  webhook
    .command('add')
    .argument('<name>', 'what to call it: lower-case letters, digits and hyphens')
    .argument('<url>', 'where it listens: http:// or https://; "-" reads it from standard input, for an address that is a secret itself')
    .description('add a webhook; the secret that signs what is sent to it is made by the server and shown once')
    .option(...out)
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
It is told of nothing before "muster subscription add --webhook NAME" says of what.

Examples:
  muster webhook add pager https://pager.example.org/muster
  muster webhook add pager https://pager.example.org/muster --out pager.secret
  muster webhook add chat - < url-of-chat`,
    )
    .action(async (name: string, given: string, options: SecretOptions, command: Command) => {
      const url = given === '-' ? (await text(process.stdin)).trim() : given;
      await withSecret(options, name, () => serverClient(command).addWebhook({ body: { name, url } }));
    });
  webhook
    .command('secret')
    .argument('<webhook>', 'name or id')
    .description('make a new secret, shown once; the old one ends at once')
    .option(...out)
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster webhook secret pager --out pager.secret')
    .action(async (name: string, options: SecretOptions, command: Command) =>
      withSecret(options, name, () => serverClient(command).renewWebhookSecret({ params: { webhook: name } })),
    );
}

/** Keeps the secret that is made: alone on standard output, so that it can go straight into a file, or in a file of its own. */
async function withSecret({ out, output }: SecretOptions, name: string, make: () => Promise<WebhookSecret>): Promise<void> {
  // Opened first: a secret that cannot be kept must not be made.
  const file = out === undefined ? undefined : await openNewFile(out, 'No secret was made.');
  try {
    const made = await make();
    await file?.writeFile(`${made.secret}\n`);
    if (file !== undefined) return printOne(output, made.webhook, () => `The secret of ${printable(name)} is in ${out}.\n`);
    printOne(output, made, () => `${made.secret}\n`);
    if (output === 'table' || output === 'wide') process.stderr.write('This is the only time it is shown.\n');
  } finally {
    await file?.close();
  }
}

async function find(client: Client, given: string): Promise<Webhook> {
  const { items } = await client.listWebhooks({});
  const found = items.find(({ name, id }) => name === given || id === given);
  if (found !== undefined) return found;
  const names = items.map(({ name }) => name).join(', ');
  throw new CliError(`There is no webhook ${given}. ${names === '' ? 'There is none at all' : `There are ${names}`}.`);
}
