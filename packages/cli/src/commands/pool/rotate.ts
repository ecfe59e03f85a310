import { clusterOf, isVoter, poolRotationPhases } from '@muster/provision';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';
import { inventoryOf } from '../../ssh/inventory-options.ts';
import { requireYes } from '../../ssh/require-yes.ts';
import { addSshOptions, type SshOptions } from '../../ssh/ssh-options.ts';
import { runApply } from '../apply.ts';

type RotateOptions = SshOptions & { dryRun?: boolean; yes?: boolean; output: 'text' | 'json' };

/** Three steps, and as many runs that bring a machine along which one before could not. */
const mostRuns = 6;

const stepsDone = {
  announced: 'All machines of the pool trust the new authority besides the one before.',
  issuing: 'The certificates of all machines are of the new authority.',
  done: 'The authority before is trusted no more. The pool has a new one.',
} as const;

/** `muster pool rotate`: another authority, keys and certificates for the machines of a pool, while it works. */
export function addRotate(pool: Command): void {
  addSshOptions(pool.command('rotate'))
    .description("change the authority, keys and certificates of the pool's etcd, Patroni and PostgreSQL, while they work")
    .option('-n, --dry-run', 'say what the first step would change on which machine, and change nothing')
    .option('--yes', 'do not ask before')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
In three steps, each on all machines before the next: all trust the new authority too; it issues their certificates; the one before is forgotten.
etcd is started anew for the first and the last, one machine after the other; the database is not. All machines must answer. Cut off or failed
anywhere, the same command goes on. The authority of agents is another one: muster authority rotate.

Examples:
  muster pool rotate -i inventory.ini --dry-run
  muster pool rotate -i inventory.ini --yes`,
    )
    .action(rotate);
}

async function rotate({ dryRun, yes, output, ...options }: RotateOptions): Promise<void> {
  const voters = clusterOf(await inventoryOf(options)).hosts.filter(isVoter);
  if (voters.length === 0)
    throw new CliError(
      'The inventory has no pool that Muster makes: there is no database that machines share by [management] and [witness]. To make one: muster pool init.',
      2,
    );
  if (dryRun !== true && yes !== true) await requireYes('Change the authority of the pool?', 'Nothing was changed.');
  const dry = dryRun === true ? { dryRun } : {};
  const limit = voters.map(({ name }) => name).join(',');
  const how = { ...options, ...dry, output, only: [...poolRotationPhases], limit, skipCheck: [], keep: true, turnsAuthority: true };
  const say = (line: string) => void (output === 'text' && process.stdout.write(`${line}\n`));
  await untilTurned(async () => {
    const { rotation } = await runApply(how);
    // What has failed was told by the run.
    if (dryRun === true || process.exitCode !== 0) return true;
    say(stepsDone[rotation ?? 'done']);
    return rotation === undefined;
  });
}

/** @throws CliError where it does not come to an end */
async function untilTurned(run: () => Promise<boolean>): Promise<void> {
  for (let runs = 0; runs < mostRuns; runs += 1) if (await run()) return;
  throw new CliError('Some machine did not come along in several runs. Look at what was changed above, then run the same command again.');
}
