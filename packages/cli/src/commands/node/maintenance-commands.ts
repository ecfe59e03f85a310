import { parseMoment } from '@muster/core';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { durationOption } from '../../output/options.ts';
import { actOnRange, sentence } from './act-on-range.ts';

type BeginOptions = { reason: string; for?: number; until?: string };

/** `muster node maintenance begin|end`. */
export function addMaintenanceCommands(node: Command): void {
  const maintenance = node
    .command('maintenance')
    .description('say that somebody works on nodes: their health calls nobody, and nothing restarts their agents');
  maintenance
    .command('begin')
    .argument('<range>', 'nodes')
    .description('begin maintenance of nodes')
    .requiredOption('--reason <text>', 'why, for whoever finds them so')
    .option('--for <duration>', 'ends by itself after so long', durationOption)
    .option('--until <moment>', 'ends by itself then: 2026-01-31, 2026-01-31T18:00+01:00')
    .addHelpText(
      'after',
      '\nExamples:\n  muster node maintenance begin node07 --reason "new fan" --for 2h\n  muster node maintenance begin rack1 --reason move --until 2026-01-31T18:00+01:00',
    )
    .action(async (range: string, { reason, for: seconds, until }: BeginOptions, command: Command) => {
      if (seconds !== undefined && until !== undefined) throw new CliError('Say --for or --until, not both.', 2);
      const end = { ...(seconds === undefined ? {} : { seconds }), ...(until === undefined ? {} : { until: momentOf(until) }) };
      const result = await actOnRange(range, { action: 'begin-maintenance', reason, ...end }, command);
      process.stdout.write(sentence(result, 'in maintenance'));
    });
  maintenance
    .command('end')
    .argument('<range>', 'nodes')
    .description('end maintenance of nodes')
    .addHelpText('after', '\nExample:\n  muster node maintenance end rack1')
    .action(async (range: string, _options: object, command: Command) => {
      process.stdout.write(sentence(await actOnRange(range, { action: 'end-maintenance' }, command), 'out of maintenance'));
    });
}

function momentOf(text: string): string {
  const moment = parseMoment(text);
  if (moment === undefined || !('iso' in moment))
    throw new CliError(`"${text}" is not a moment: write 2026-01-31, or with time and zone 2026-01-31T18:00+01:00.`, 2);
  return moment.iso;
}
