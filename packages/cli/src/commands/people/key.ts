import { type ApiKey, type Client, type NewApiKey, ProblemError } from '@muster/api';
import type { Command } from 'commander';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printList, printOne, wholeNumber } from '../../output/format.ts';
import { openNewFile } from '../../output/new-file.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { addGrantOptions, type GrantOptions, grantOf, groupsText } from './grant-options.ts';

const moment = (at: string | null, otherwise: string) => at?.slice(0, 16).replace('T', ' ') ?? otherwise;

const columns: Column<ApiKey>[] = [
  { title: 'ID', cell: (key) => key.id },
  { title: 'NAME', cell: (key) => printable(key.name) },
  { title: 'KEY', cell: (key) => `${printable(key.prefix)}...` },
  { title: 'ROLE', cell: (key) => key.role },
  { title: 'GROUPS', cell: (key) => groupsText(key.groups) },
  { title: 'STATE', cell: (key) => key.state },
  { title: 'EXPIRES', cell: (key) => moment(key.expiresAt, '-') },
  { title: 'LAST USED', cell: (key) => moment(key.lastUsedAt, 'never') },
];
const wide: Column<ApiKey>[] = [
  { title: 'OF', cell: (key) => printable(key.ownerName) },
  { title: 'EXEC', cell: (key) => (key.mayExec ? 'yes' : 'no') },
  { title: 'FROM', cell: (key) => printable(key.lastUsedFrom ?? '-') },
  { title: 'MADE', cell: (key) => moment(key.createdAt, '-') },
];

type MakeOptions = GrantOptions & { expiresInDays: number; out?: string; output: Format };

/** `muster key ...`: keys for programs. */
export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('keys by which programs use the interface');
  const make = key
    .command('make')
    .argument('<name>', 'what it is for')
    .description('make a key that can do no more than you; it is shown once');
  addGrantOptions(make)
    .option('--expires-in-days <n>', 'how long it is good', wholeNumber(1, 366), 90)
    .option('--out <file>', 'write the key to a new file that only you can read, instead of printing it')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster key make ci --role operator --group web --out ci.key\n  muster key make dashboard -o json')
    .action(makeKey);
  key
    .command('list')
    .description('your keys')
    .option('--all', "everybody's, for administrators")
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster key list\n  muster key list --all -o wide')
    .action(async ({ all, output }: { all?: boolean; output: Format }, command: Command) => {
      const client = serverClient(command);
      const { items } = all === true ? await client.listKeys({}) : await client.listOwnKeys({});
      printList(output, items, columns, wide, ({ id }) => id);
    });
  key
    .command('revoke')
    .argument('<id>', 'id of the key')
    .description('end a key at once: one of yours or, for administrators, anybody’s')
    .addHelpText('after', '\nExample:\n  muster key revoke 3f6c2a0e-4f0e-4d6f-9a5d-6f4d0f1f2a3b')
    .action(async (id: string, _options: object, command: Command) => {
      const { name, ownerName } = await revoke(serverClient(command), id);
      process.stdout.write(`The key ${printable(name)} of ${printable(ownerName)} is revoked.\n`);
    });
}

async function makeKey(name: string, { expiresInDays, out, output, ...grant }: MakeOptions, command: Command): Promise<void> {
  // Opened first: a key that cannot be kept must not be made.
  const file = out === undefined ? undefined : await openNewFile(out, 'No key was made.');
  try {
    const made = await serverClient(command).makeKey({ body: { name, expiresInDays, ...grantOf(grant) } });
    await file?.writeFile(`${made.secret}\n`);
    if (out === undefined) tell(output, made);
    else printOne(output, made.key, () => `The key ${printable(name)} is in ${out}. It expires on ${made.key.expiresAt.slice(0, 10)}.\n`);
  } finally {
    await file?.close();
  }
}

/** Alone on standard output, so that it can go straight into a file; what people want to know goes to standard error. */
function tell(output: Format, made: NewApiKey): void {
  printOne(output, made, () => `${made.secret}\n`);
  if (output === 'table' || output === 'wide')
    process.stderr.write(
      `This is the only time it is shown. It expires on ${made.key.expiresAt.slice(0, 10)}; to end it: muster key revoke ${made.key.id}\n`,
    );
}

/** One's own, else, where one may, somebody else's. */
async function revoke(client: Client, id: string): Promise<ApiKey> {
  try {
    return await client.revokeOwnKey({ params: { id } });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'not-found') throw error;
    return client.revokeKey({ params: { id } });
  }
}
