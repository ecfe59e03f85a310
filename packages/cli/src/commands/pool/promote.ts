import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, type PoolStatus, type Promotion, ProblemError } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printOne, wholeNumber } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import { memberNamed } from './member-named.ts';

type PromoteOptions = { acceptDataLoss?: boolean; wait: boolean; timeout: number; output: Format };

const help = `
With the primary up it is handed over in good order; with its machine down or its database hung the copy takes over. A copy that may lack
acknowledged changes is refused, with what it lacks. The rest that one server does at a time moves by itself.
On a member this works while the database is away too.

Examples:
  muster pool promote driver2
  muster pool promote driver2 --accept-data-loss   # give up what driver2 lacks
  muster pool promote driver2 --no-wait -o json`;

/** `muster pool promote`: the primary of the database to another member. */
export function addPromote(pool: Command): void {
  pool
    .command('promote')
    .argument('<member>', 'its name, or the beginning of its id')
    .description('make the database of this member the primary')
    .option('--accept-data-loss', 'also where acknowledged changes are lost by it')
    .option('--no-wait', 'do not wait until the new primary takes writes')
    .option('--timeout <seconds>', 'wait for so long at most', wholeNumber(1, 3600), 180)
    .addOption(formatOption())
    .addHelpText('after', help)
    .action(async (given: string, { acceptDataLoss, wait, timeout, output }: PromoteOptions, command: Command) => {
      const client = serverClient(command);
      const { id } = memberNamed((await client.getPool({})).members, given);
      const begun = await begin(client, id, acceptDataLoss === true);
      const last = wait && begun.state === 'running' ? await untilItEnds(client, begun, timeout) : begun;
      printOne(output, last, () => (output === 'name' ? `${last.memberName}\n` : `${printable(last.message)}${lossText(last)}\n`));
    });
}

async function begin(client: Client, id: string, acceptDataLoss: boolean): Promise<Promotion> {
  try {
    return await client.promoteMember({ params: { id }, body: { acceptDataLoss } });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'would-lose-data') throw error;
    throw new CliError(`${error.problem.detail} To promote it all the same: --accept-data-loss.`, 1);
  }
}

const lossText = ({ kind, lostBytes }: Promotion): string => {
  if (kind !== 'fail-over' || lostBytes === 0) return '';
  return lostBytes === null ? ' What was lost by it is not known.' : ` ${lostBytes} bytes of the write-ahead log at least were lost by it.`;
};

/** While the primary moves a server may not answer for a moment: that is waited for like the rest. @throws CliError when it failed */
async function untilItEnds(client: Client, begun: Promotion, timeoutSeconds: number): Promise<Promotion> {
  const untilMs = performance.now() + 1000 * timeoutSeconds;
  while (performance.now() < untilMs) {
    await sleep(500);
    const now = stateIn(await client.getPool({}).catch(() => undefined), begun);
    if (now.state === 'done') return now;
    if (now.state === 'failed') throw new CliError(now.message, 1);
  }
  throw new CliError(`${begun.memberName} does not take writes after ${timeoutSeconds} s. Look at muster pool status.`, 1);
}

/** A server that was started anew has forgotten the promotion, and sees what came of it. */
function stateIn(status: PoolStatus | undefined, begun: Promotion): Promotion {
  if (status === undefined) return begun;
  const { promotion, database } = status;
  if (promotion?.memberId === begun.memberId && promotion.startedAt === begun.startedAt) return promotion;
  const isPrimary = database.copies.some(({ memberId, role }) => memberId === begun.memberId && role === 'primary');
  return isPrimary ? { ...begun, state: 'done', message: `${begun.memberName} is the primary of the database, and takes writes.` } : begun;
}
