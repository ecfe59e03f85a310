import { NodeActionRequest } from '@muster/api';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';
import { collect, labelOf } from '../../output/options.ts';
import { actOnRange, sentence } from './act-on-range.ts';

type Options = {
  label: string[];
  removeLabel: string[];
  group: string[];
  removeGroup: string[];
  notes?: string;
  environments?: 'on' | 'off';
};

/** `muster node set`: labels, groups, notes and environments of many nodes. */
export function addSetCommand(node: Command): void {
  node
    .command('set')
    .argument('<range>', 'nodes')
    .description('change labels, groups, notes or environments of nodes: of all of the range, or of none')
    .option('--label <key=value>', 'set a label; repeatable', collect, [])
    .option('--remove-label <key>', 'take a label away; repeatable', collect, [])
    .option('--group <name>', 'put into a group; repeatable', collect, [])
    .option('--remove-group <name>', 'take out of a group; repeatable', collect, [])
    .option('--notes <text>', 'replace the notes; empty for none')
    .addOption(new Option('--environments <on|off>', 'whether environments are kept on the nodes').choices(['on', 'off']))
    .addHelpText(
      'after',
      '\nExamples:\n  muster node set node[01-08] --label rack=a --group compute\n  muster node set rack1 --remove-label spare --notes ""',
    )
    .action(async (range: string, options: Options, command: Command) => {
      process.stdout.write(sentence(await actOnRange(range, changeOf(range, options), command), 'changed'));
    });
}

/** Read as the server would, so that a mistake is told as one of the command line. */
function changeOf(range: string, { label, removeLabel, group, removeGroup, notes, environments }: Options) {
  const change = {
    action: 'change' as const,
    labels: Object.fromEntries(label.map(labelOf)),
    removeLabels: removeLabel,
    addGroups: group,
    removeGroups: removeGroup,
    ...(notes === undefined ? {} : { notes }),
    ...(environments === undefined ? {} : { environments }),
  };
  const parsed = NodeActionRequest.safeParse({ ...change, range });
  if (!parsed.success) throw new CliError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'), 2);
  return change;
}
