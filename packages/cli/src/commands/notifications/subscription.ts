import { type Client, type Event, ProblemError, type Subscription } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printList, printOne } from '../../output/format.ts';
import { collect } from '../../output/options.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { minute } from '../../output/units.ts';
import { GivenRange } from '../../range/given-range.ts';
import { kindOption, severityOption } from '../event-filter.ts';
import { tellTest } from './tell-test.ts';

const toWhom = ({ target }: Subscription): string =>
  target.kind === 'email' ? printable(target.address) : `webhook ${printable(target.name)}`;
const listed = (words: readonly string[]): string => (words.length === 0 ? 'all' : words.map(printable).join(', '));
const ofNodes = ({ groups, range }: Subscription): string =>
  [...(groups.length === 0 ? [] : [`groups ${listed(groups)}`]), ...(range === null ? [] : [printable(range)])].join('; ') || 'all';

const columns: Column<Subscription>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'TO', cell: toWhom },
  { title: 'FROM SEVERITY', cell: ({ severity }) => severity },
  { title: 'KINDS', cell: ({ kinds }) => listed(kinds) },
  { title: 'NODES', cell: ofNodes },
];
const wide: Column<Subscription>[] = [
  { title: 'OWN', cell: ({ own }) => (own ? 'yes' : 'no') },
  { title: 'MADE', cell: ({ createdAt }) => minute(createdAt) },
  { title: 'BY', cell: ({ createdBy }) => printable(createdBy) },
];

type AddOptions = {
  email?: string;
  webhook?: string;
  me?: boolean;
  kind: Event['kind'][];
  severity?: Event['severity'];
  group: string[];
  range?: string;
  output: Format;
};

/** `muster subscription ...`: who is told of what. */
export function addSubscriptionCommands(program: Command): void {
  const subscription = program.command('subscription').description('who is told of which events, by e-mail or webhook');
  addAdd(subscription);
  subscription
    .command('list')
    .description('who is told of what: all of it for administrators, for others what is theirs')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster subscription list\n  muster subscription list -o json')
    .action(async ({ output }: { output: Format }, command: Command) => {
      const { items, canMail } = await serverClient(command).listSubscriptions({});
      printList(output, items, columns, wide, ({ id }) => id);
      if (!canMail && items.some(({ target }) => target.kind === 'email'))
        process.stderr.write('This server sends no mail: its configuration has no section "mail" (docs/notifications.md).\n');
    });
  subscription
    .command('test')
    .argument('<id>', 'id of the subscription')
    .description('send a test now, and say how that went; exit status 1 when it was not delivered')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster subscription test 3f6c2a0e-4f0e-4d6f-9a5d-6f4d0f1f2a3b')
    .action(async (id: string, { output }: { output: Format }, command: Command) =>
      tellTest(output, await serverClient(command).testSubscription({ params: { id } })),
    );
  subscription
    .command('remove')
    .argument('<id>', 'id of the subscription')
    .description('tell somebody no more: one of yours or, for administrators, anybody’s')
    .addHelpText('after', '\nExample:\n  muster subscription remove 3f6c2a0e-4f0e-4d6f-9a5d-6f4d0f1f2a3b')
    .action(async (id: string, _options: object, command: Command) => {
      await remove(serverClient(command), id);
      process.stdout.write(`The subscription ${printable(id)} is removed.\n`);
    });
}

function addAdd(subscription: Command): void {
  subscription
    .command('add')
    .description('tell a webhook or an address of events, those of severity warning and error where nothing else is said')
    .option('--email <address>', 'an address of any mailbox')
    .option('--webhook <name>', 'a webhook, by name or id')
    .option('--me', 'the address of your own account')
    .addOption(severityOption())
    .addOption(kindOption())
    .option('--group <name>', 'only events about nodes of this group; repeatable', collect, [])
    .option('--range <range>', 'only events about nodes of this range, read anew for each event')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  muster subscription add --email ops@example.org
  muster subscription add --webhook pager --severity error
  muster subscription add --me --kind node-health --range 'rack1,-node07'`,
    )
    .action(async (options: AddOptions, command: Command) => {
      const made = await add(serverClient(command), options);
      printOne(options.output, made, () =>
        options.output === 'name'
          ? `${made.id}\n`
          : `${toWhom(made)} is told from now on; to end it: muster subscription remove ${made.id}\n`,
      );
    });
}

async function add(client: Client, { email, webhook, me, kind, severity, group, range }: AddOptions): Promise<Subscription> {
  if ([email, webhook, me].filter((one) => one !== undefined).length !== 1)
    throw new CliError('Whom? Say --email ADDRESS, --webhook NAME or --me: one of them.', 2);
  const given = range === undefined ? undefined : new GivenRange(range);
  const wanted = { kinds: kind, groups: group, ...(severity === undefined ? {} : { severity }) };
  const make = (body: typeof wanted & { range?: string }): Promise<Subscription> => {
    if (me === true) return client.subscribe({ body });
    const target = email === undefined ? { kind: 'webhook' as const, webhook: webhook ?? '' } : { kind: 'email' as const, address: email };
    return client.addSubscription({ body: { target, ...body } });
  };
  return given === undefined ? make(wanted) : given.ask((text) => make({ ...wanted, range: text }));
}

/** Anybody's, else, where that is not allowed, one of one's own. */
async function remove(client: Client, id: string): Promise<void> {
  try {
    await client.removeSubscription({ params: { id } });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'not-allowed') throw error;
    await client.unsubscribe({ params: { id } });
  }
}
