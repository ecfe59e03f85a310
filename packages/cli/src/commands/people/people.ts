import type { Invitation, Person } from '@muster/api';
import type { Command } from 'commander';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printList, printOne, wholeNumber } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { addGrantOptions, type GrantOptions, grantOf, groupsText } from './grant-options.ts';

const columns: Column<Person>[] = [
  { title: 'E-MAIL', cell: (person) => printable(person.email) },
  { title: 'NAME', cell: (person) => printable(person.name) },
  { title: 'ROLE', cell: (person) => person.role },
  { title: 'GROUPS', cell: (person) => groupsText(person.groups) },
  { title: 'EXEC', cell: (person) => (person.mayExec ? 'yes' : 'no') },
  { title: 'STATE', cell: (person) => person.state },
  { title: '2FA', cell: (person) => (person.twoFactor ? 'on' : 'off') },
  { title: 'LAST SIGN-IN', cell: (person) => person.lastSignInAt?.slice(0, 16).replace('T', ' ') ?? 'never' },
];
const wide: Column<Person>[] = [
  { title: 'PROVIDER', cell: (person) => printable(person.provider ?? '-') },
  { title: 'INVITED UNTIL', cell: (person) => person.invitedUntil?.slice(0, 16).replace('T', ' ') ?? '-' },
  { title: 'ID', cell: (person) => person.id },
];

/** `muster people ...`: accounts and what they may do. */
export function addPeopleCommands(program: Command): void {
  const people = program.command('people').description('accounts: who may come in, and what he may do');
  people
    .command('list')
    .description('everyone with an account')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster people list -o wide')
    .action(async ({ output }: { output: Format }, command: Command) => {
      printList(output, (await serverClient(command).listPeople({})).items, columns, wide, ({ email }) => email);
    });
  addInvite(people);
  addChange(people);
  addDeeds(people);
}

type InviteOptions = GrantOptions & { name?: string; expiresInHours: number; output: Format };

function addInvite(people: Command): void {
  const invite = people
    .command('invite')
    .argument('<email>', 'address of the person')
    .description('make an account; prints the link by which its person comes in');
  addGrantOptions(invite)
    .option('--name <name>', 'how to call the person')
    .option('--expires-in-hours <n>', 'how long the link is good', wholeNumber(1, 720), 72)
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  muster people invite ada@example.org --role administrator --exec\n  muster people invite bob@example.org --role operator --group web --group db',
    )
    .action(async (email: string, { name, expiresInHours, output, ...grant }: InviteOptions, command: Command) => {
      const body = { email, expiresInHours, ...(name === undefined ? {} : { name }), ...grantOf(grant) };
      tellLink(output, await serverClient(command).invitePerson({ body }));
    });
  people
    .command('link')
    .argument('<person>', 'e-mail address or id')
    .description('make a new link for somebody to come in; earlier ones end')
    .option('--reset', 'forget password and second factor, and end every session: for somebody who lost them')
    .option('--expires-in-hours <n>', 'how long the link is good', wholeNumber(1, 720), 72)
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster people link bob@example.org --reset')
    .action(
      async (
        person: string,
        { reset = false, expiresInHours, output }: { reset?: boolean; expiresInHours: number; output: Format },
        command: Command,
      ) => tellLink(output, await serverClient(command).makeInvitation({ params: { person }, body: { reset, expiresInHours } })),
    );
}

function tellLink(output: Format, invitation: Invitation): void {
  printOne(
    output,
    invitation,
    () => `${invitation.url}\nFor ${printable(invitation.person.email)}: valid once, until ${invitation.expiresAt}.\n`,
  );
}

function addChange(people: Command): void {
  const change = people
    .command('change')
    .argument('<person>', 'e-mail address or id')
    .description('change what somebody may do; he is signed out by it');
  addGrantOptions(change)
    .option('--name <name>', 'how to call the person')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  muster people change bob@example.org --role viewer\n  muster people change bob@example.org --all-groups --no-exec',
    )
    .action(async (person: string, { name, output, ...grant }: GrantOptions & { name?: string; output: Format }, command: Command) => {
      const body = { ...(name === undefined ? {} : { name }), ...grantOf(grant) };
      const after = await serverClient(command).changePerson({ params: { person }, body });
      printOne(
        output,
        after,
        () => `${printable(after.email)}: ${after.role}, ${groupsText(after.groups)}, exec ${after.mayExec ? 'yes' : 'no'}.\n`,
      );
    });
}

function addDeeds(people: Command): void {
  people
    .command('disable')
    .argument('<person>', 'e-mail address or id')
    .description('shut somebody out at once, with all his keys; the account stays')
    .addHelpText('after', '\nExample:\n  muster people disable bob@example.org')
    .action(async (person: string, _options: object, command: Command) => {
      const { email } = await serverClient(command).disablePerson({ params: { person } });
      process.stdout.write(`${printable(email)} is shut out; sessions and keys ended.\n`);
    });
  people
    .command('enable')
    .argument('<person>', 'e-mail address or id')
    .description('let somebody in again')
    .addHelpText('after', '\nExample:\n  muster people enable bob@example.org')
    .action(async (person: string, _options: object, command: Command) => {
      const { email } = await serverClient(command).enablePerson({ params: { person } });
      process.stdout.write(`${printable(email)} may come in again.\n`);
    });
  people
    .command('remove')
    .argument('<person>', 'e-mail address or id')
    .description('remove an account with its sessions and keys; what was done with it stays in the audit log')
    .addHelpText('after', '\nExample:\n  muster people remove bob@example.org')
    .action(async (person: string, _options: object, command: Command) => {
      await serverClient(command).removePerson({ params: { person } });
      process.stdout.write(`${printable(person)} is removed.\n`);
    });
}
