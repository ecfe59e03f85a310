import { type Cluster, clusterOf, forgetGone, type Forgotten, reset, resetPhaseNames } from '@muster/provision';
import { type Command, Option } from 'commander';
import { makeReporter } from '../apply/make-reporter.ts';
import { runHolder } from '../apply/run-holder.ts';
import { jsonSummary, textSummary } from '../apply/summary.ts';
import { CliError } from '../cli-error.ts';
import { interruption } from '../interruption.ts';
import { rangeOf } from '../range/range-here.ts';
import { expectedHere } from '../runs/expected-seconds.ts';
import { endOf, RunKeeper } from '../runs/keep-runs.ts';
import { makeConnector } from '../ssh/connector.ts';
import { requireYes } from '../ssh/require-yes.ts';
import { inventoryOf } from '../ssh/inventory-options.ts';
import { addSshOptions, type SshOptions } from '../ssh/ssh-options.ts';

type Options = SshOptions & { output: 'text' | 'json'; dryRun?: boolean; limit?: string; yes?: boolean; gone?: boolean };

/** `muster reset`: takes off the hosts of an inventory what `muster apply` has put there. */
export function addResetCommand(program: Command): void {
  addSshOptions(
    program.command('reset').description('take off hosts everything that "muster apply" has put there, and leave what was there before'),
  )
    .option('-n, --dry-run', 'say what would be taken away and change nothing')
    .option('-l, --limit <range>', 'only these hosts of the inventory')
    .option(
      '--gone',
      'the hosts of --limit will not be back: take them out of the pool and off the server, without asking anything of them',
    )
    .option('--yes', 'do not ask before')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Nodes are drained and leave their clusters first. The management server goes with all its data, so only together with every host of the
inventory: make a backup before ("muster backup").

Examples:
  muster reset -i inventory.ini --dry-run
  muster reset -i inventory.ini --limit worker[7-9]
  muster reset -i inventory.ini --limit m3 --gone
  muster reset -i inventory.ini --yes

Exit status 0 when nothing of Muster is left on the hosts. After a failure the same command goes on.`,
    )
    .action(runReset);
}

async function runReset(options: Options): Promise<void> {
  const startedMs = performance.now();
  const dryRun = options.dryRun === true;
  const inventory = await inventoryOf(options);
  // Hosts that were only prepared have no management server; the run itself refuses nodes without theirs.
  const cluster = clusterOf(inventory, () => false);
  const names = options.limit === undefined ? cluster.hosts.map(({ name }) => name) : rangeOf(options.limit, inventory);
  const strangers = names.filter((name) => !cluster.hosts.some((host) => host.name === name));
  if (strangers.length > 0)
    throw new CliError(
      `In neither [driver] nor [worker], so nothing is known of what they have: ${strangers.join(', ')}. Leave them out.`,
      2,
    );
  const selected = new Set(names);
  if (options.gone === true) return runForget(cluster, names, options);
  if (!dryRun && options.yes !== true)
    await requireYes(`Take Muster and all it has installed off ${described(names)}?`, 'Nothing was changed.');
  const signal = interruption();
  const expected = await expectedHere('reset', dryRun, names.length);
  const { reporter, finish } = makeReporter({ output: options.output, diff: false, phases: [...resetPhaseNames], expected });
  const keeper = new RunKeeper({
    command: 'reset',
    options: toldOptions(options),
    hosts: names,
    nowMs: () => Date.now(),
  });
  const connect = makeConnector(options, signal);
  const result = await reset(
    {
      cluster,
      selected,
      forks: options.forks,
      dryRun,
      holder: runHolder('reset'),
      signal,
      nowMs: () => Date.now(),
      connect,
      atEnd: async (ended, server) => {
        await finish();
        if (!dryRun) await keeper.tellServer(server, endOf(signal, ended));
      },
    },
    keeper.hearing(reporter),
  );
  await finish();
  await keeper.end(endOf(signal, result));
  const hosts = cluster.hosts.filter(({ name }) => selected.has(name));
  const finished = { cluster: { ...cluster, hosts }, result, seconds: (performance.now() - startedMs) / 1000, dryRun };
  process.stdout.write(options.output === 'json' ? `${JSON.stringify(jsonSummary(finished))}\n` : textSummary(finished));
  process.exitCode = signal.aborted ? 130 : result.failures.size === 0 ? 0 : 1;
}

/** @throws CliError, ProvisionError */
async function runForget(cluster: Cluster, names: readonly string[], options: Options): Promise<void> {
  if (options.limit === undefined || options.dryRun === true)
    throw new CliError('--gone says which hosts by --limit, and has no --dry-run: it changes nothing on them.', 2);
  if (options.yes !== true) await requireYes(`Forget ${described(names)} for good?`, 'Nothing was changed.');
  const signal = interruption();
  const forgotten = await forgetGone({ cluster, gone: new Set(names), connect: makeConnector(options, signal), signal });
  process.stdout.write(options.output === 'json' ? `${JSON.stringify(forgotten)}\n` : forgottenText(forgotten));
  process.exitCode = forgotten.every(({ left }) => left.length === 0) ? 0 : 1;
}

const forgottenText = (forgotten: readonly Forgotten[]): string =>
  `${forgotten.map(({ host, done, left }) => [`${host}: ${done.join(', ') || 'nothing knew it any more'}`, ...left.map((what) => `  still to do ${what}`)].join('\n')).join('\n')}\nTake ${forgotten.length === 1 ? 'its line' : 'their lines'} out of the inventory; a server of the pool is forgotten with "muster pool remove" too.\n`;

/** What the reset was to do, as it was typed. */
const toldOptions = ({ inventory, limit, dryRun }: Options): string[] => [
  ...inventory.flatMap((path) => ['-i', path]),
  ...(limit === undefined ? [] : ['--limit', limit]),
  ...(dryRun === true ? ['--dry-run'] : []),
];

const described = (names: readonly string[]): string =>
  names.length <= 10 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more hosts`;
