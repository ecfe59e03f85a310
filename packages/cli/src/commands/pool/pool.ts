import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printOne } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import { addGrowCommands } from './grow.ts';
import { memberNamed } from './member-named.ts';
import { addPromote } from './promote.ts';
import { statusText } from './status-text.ts';
import { addRotate } from './rotate.ts';
import { addUpgrade } from './upgrade.ts';

/** `muster pool`: the servers, all of which are active. */
export function addPoolCommands(program: Command): void {
  const pool = program.command('pool').description('the servers of the pool: who is there, who does what, work on one of them');
  addGrowCommands(pool);
  addStatus(pool);
  addAct(pool, 'drain', 'give the nodes of a server to the others, for work on it', (client, params) => client.drainMember({ params }));
  addAct(pool, 'undrain', 'let a server take nodes again', (client, params) => client.undrainMember({ params }));
  addMove(pool);
  addPromote(pool);
  addUpgrade(pool);
  addRotate(pool);
  addAct(pool, 'remove', 'forget a server that is gone', (client, params) => client.removeMember({ params }));
}

function addStatus(pool: Command): void {
  pool
    .command('status')
    .description('the servers, who has which copy of the database, and who does what of that which one does at a time')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  muster pool status\n  muster pool status -o json | jq ".members[] | select(.lostAt)"\n  muster pool status -o json | jq -r .database.protection',
    )
    .action(async ({ output }: { output: Format }, command: Command) => {
      const status = await serverClient(command).getPool({});
      printOne(output, status, () =>
        output === 'name' ? status.members.map(({ name }) => `${name}\n`).join('') : statusText(status, Date.now()),
      );
    });
}

type Client = ReturnType<typeof serverClient>;

function addAct(pool: Command, verb: string, what: string, act: (client: Client, params: { id: string }) => Promise<unknown>): void {
  pool
    .command(verb)
    .argument('<member>', 'its name, or the beginning of its id')
    .description(what)
    .addHelpText('after', `\nExample:\n  muster pool ${verb} driver2`)
    .action(async (given: string, _options: object, command: Command) => {
      const client = serverClient(command);
      const { id, name } = memberNamed((await client.getPool({})).members, given);
      await act(client, { id });
      process.stdout.write(`${printable(name)}: ${verb === 'remove' ? 'removed' : `${verb}ed`}.\n`);
    });
}

type MoveOptions = { to?: string; from?: string; back?: boolean; output: Format };

function addMove(pool: Command): void {
  pool
    .command('move')
    .argument('<range>', 'nodes, such as rack1 or node[01-20]')
    .description('let nodes be on another server from now on; live nodes go over without a missed heartbeat')
    .option('--to <member>', 'the server they are to be on')
    .option('--from <member>', 'the server they belong to now: others are an error')
    .option('--back', 'to where the pool puts them')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  muster pool move rack1 --to driver2\n  muster pool move rack1 --from driver1 --to driver2\n  muster pool move rack1 --back',
    )
    .action(async (range: string, { to, from, back, output }: MoveOptions, command: Command) => {
      if ((to === undefined) === (back !== true)) throw new CliError('Say where they are to go: --to MEMBER, or --back.', 2);
      const client = serverClient(command);
      const { members } = await client.getPool({});
      const target = to === undefined ? null : memberNamed(members, to);
      const source = from === undefined ? {} : { from: memberNamed(members, from).id };
      const moved = await client.moveNodes({ body: { range, to: target?.id ?? null, ...source } });
      const where = target === null ? 'where the pool puts them' : printable(target.name);
      printOne(
        output,
        moved,
        () => `${printable(moved.range)}: to ${where} (${moved.count - moved.already} of ${moved.count} were elsewhere).\n`,
      );
    });
}
