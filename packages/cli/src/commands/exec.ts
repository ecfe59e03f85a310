import type { Command } from 'commander';
import { wholeNumber } from '../output/format.ts';
import { addOperationOptions, operationHelp, type OperationOptions, startOperation } from '../operations/start-operation.ts';

/** `muster exec RANGE -- COMMAND...`. */
export function addExecCommand(program: Command): void {
  addOperationOptions(
    program
      .command('exec')
      .usage('[options] <range> -- <command...>')
      .argument('<range>', 'the nodes')
      .argument('<command...>', 'program and arguments, after --; no shell sees them')
      .description('run a command on the nodes of a range, as root; off unless the server’s configuration allows it'),
  )
    .option('--timeout <seconds>', 'end it after this long', wholeNumber(1, 86_400), 300)
    .addHelpText(
      'after',
      `${operationHelp}\n\nExamples:\n  muster exec all -- uptime\n  muster exec 'worker,-worker7' --timeout 900 --batch 10 -- apt-get -y upgrade\n  muster exec node[01-40] -- sh -c 'grep -c . /etc/passwd | sort'`,
    )
    .action((range: string, words: string[], { timeout, ...options }: OperationOptions & { timeout: number }, command: Command) =>
      startOperation(command, { kind: 'exec', command: words, timeoutSeconds: timeout }, range, options),
    );
}
