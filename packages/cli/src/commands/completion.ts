import { Argument, type Command, Option } from 'commander';
import { candidatesAt } from '../completion/candidates.ts';
import { placeOf } from '../completion/place.ts';
import { completionScript, type Shell, shells } from '../completion/scripts.ts';
import { serverNames } from '../completion/server-names.ts';
import { splitLine } from '../completion/split-line.ts';
import { oneLine } from '../output/printable.ts';

/** `muster completion SHELL`, and the hidden command that the shell's script asks. */
export function addCompletionCommands(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .description('print the script that lets your shell complete commands, options, nodes, groups, units and views')
    .addHelpText(
      'after',
      `
Examples:
  source <(muster completion bash)                             in this shell
  muster completion bash > /etc/bash_completion.d/muster       in every shell of this machine
  muster completion fish > ~/.config/fish/completions/muster.fish`,
    )
    .action((shell: Shell) => void process.stdout.write(completionScript(shell)));
  program
    .command('__complete', { hidden: true })
    .argument('[words...]', 'the words after "muster"; the last is being typed')
    .addOption(new Option('--line <line>', 'the whole line up to the cursor instead'))
    .description('for the scripts of "muster completion"')
    .addHelpText('after', '\nExample:\n  muster __complete -- node sh')
    .action(async (words: string[], { line }: { line?: string }) => {
      const typed = line === undefined ? words : splitLine(line).slice(1);
      const place = placeOf(program, typed.length === 0 ? [''] : typed);
      for (const { word, what } of await candidatesAt(place, serverNames(place.given)))
        process.stdout.write(`${oneLine(word)}${what === undefined ? '' : `\t${oneLine(what)}`}\n`);
    });
}
