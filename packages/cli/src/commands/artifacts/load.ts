import type { Command } from 'commander';
import { load } from '../../artifacts/load.ts';
import { type Format, formatOption } from '../../output/format.ts';
import { printOutcomes } from './outcome-table.ts';

/** `muster artifacts load`: from a bundle into a folder. */
export function addLoadCommand(artifacts: Command): void {
  artifacts
    .command('load')
    .argument('<file>', 'a tar that "muster artifacts bundle" has written')
    .description('unpack a bundle; everything is verified before anything takes its place')
    .option('-C, --folder <folder>', 'where the files go', 'artifacts')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster artifacts load cluster.tar --folder /srv/artifacts')
    .action(async (file: string, { folder, output }: { folder: string; output: Format }) =>
      printOutcomes(output, await load(file, folder)),
    );
}
