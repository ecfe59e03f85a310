import type { Member, PoolStatus } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printOne } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import { type Column, table } from '../../output/table.ts';
import { duration } from '../../output/units.ts';
import { addGrowCommands } from './grow.ts';

/** `muster pool`: the servers, all of which are active. */
export function addPoolCommands(program: Command): void {
  const pool = program.command('pool').description('the servers of the pool: who is there, who does what, work on one of them');
  addGrowCommands(pool);
  addStatus(pool);
  addAct(pool, 'drain', 'give the nodes of a server to the others, for work on it', (client, params) => client.drainMember({ params }));
  addAct(pool, 'undrain', 'let a server take nodes again', (client, params) => client.undrainMember({ params }));
  addMove(pool);
  addAct(pool, 'remove', 'forget a server that is gone', (client, params) => client.removeMember({ params }));
}

function addStatus(pool: Command): void {
  pool
    .command('status')
    .description('the servers, and who does what of that which one does at a time')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster pool status\n  muster pool status -o json | jq ".members[] | select(.lostAt)"')
    .action(async ({ output }: { output: Format }, command: Command) => {
      const status = await serverClient(command).getPool({});
      printOne(output, status, () => (output === 'name' ? status.members.map(({ name }) => `${name}\n`).join('') : textOf(status)));
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

/** @throws CliError when there is not exactly one */
function memberNamed(members: readonly Member[], given: string): Member {
  const named = members.filter(({ name }) => name === given);
  const found = named.length > 0 ? named : members.filter(({ id }) => id.startsWith(given));
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  const names = members.map(({ id, name }) => `${printable(name)} (${id.slice(0, 8)})`).join(', ');
  throw new CliError(
    `${found.length === 0 ? 'No server' : 'More than one server'} of the pool is meant by ${given}; there are ${names}.`,
    1,
  );
}

const stateOf = ({ lostAt, state, heardAgeMs }: Member): string => {
  if (lostAt !== null) return `gone for ${duration(heardAgeMs / 1000)}`;
  return state === 'draining' ? 'draining' : 'there';
};

/** A clock that is off by less says nothing: it was on its way. */
const skewShownMs = 500;
const skewOf = ({ clockSkewMs }: Member): string =>
  Math.abs(clockSkewMs) < skewShownMs ? 'right' : `${clockSkewMs > 0 ? '+' : '-'}${duration(Math.abs(clockSkewMs) / 1000)}`;

function columnsOf({ answeredBy, leases }: PoolStatus): Column<Member>[] {
  const doneBy = (id: string) => leases.filter(({ serverId }) => serverId === id).map(({ name }) => name);
  return [
    { title: 'SERVER', cell: ({ id, name }) => `${printable(name)}${id === answeredBy ? ' *' : ''}` },
    { title: 'STATE', cell: stateOf },
    { title: 'ZONE', cell: ({ zone }) => (zone === '' ? '-' : printable(zone)) },
    { title: 'AGENTS', cell: ({ agents }) => String(agents) },
    { title: 'VERSION', cell: ({ version }) => version },
    { title: 'CLOCK', cell: skewOf },
    { title: 'DOES', cell: ({ id }) => doneBy(id).join(', ') || '-' },
  ];
}

function textOf(status: PoolStatus): string {
  const free = status.leases.filter(({ serverId }) => serverId === null).map(({ name }) => name);
  const waiting = free.length === 0 ? '' : `\nNobody does at the moment: ${free.join(', ')}. A server takes it in seconds.\n`;
  return `${table(status.members, columnsOf(status))}* answers here\n${waiting}`;
}
