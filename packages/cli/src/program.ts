import { Command } from 'commander';
import { addApplyCommand } from './commands/apply.ts';
import { addConfigCommand } from './commands/server/config.ts';
import { addEventsCommand } from './commands/events.ts';
import { addNodeCommands } from './commands/node.ts';
import { addNodesCommand } from './commands/nodes.ts';
import { addPingCommand } from './commands/ping.ts';
import { addSignInLinkCommand } from './commands/sign-in-link.ts';
import { addStatusCommand } from './commands/status.ts';
import { addUpCommand } from './commands/server/up.ts';
import { version } from './version.ts';

/** The muster command with all its sub-commands. */
export function makeProgram(): Command {
  const program = new Command('muster')
    .description('One program for the whole life of a cluster machine.')
    .version(version)
    .option('--socket <path>', 'Unix socket of the server on this machine (default: found by itself)')
    .showHelpAfterError('(add --help for the options and examples)')
    .showSuggestionAfterError()
    .exitOverride();
  program.addHelpText(
    'after',
    `
Examples:
  muster up --demo 3                    a server and three agents on this machine
  muster ping -i inventory.ini          can every host be reached, logged in to, and used with sudo?
  muster apply -i inventory.ini         make a cluster of the hosts of the inventory
  muster nodes                          how the nodes fare`,
  );
  for (const add of [
    addUpCommand,
    addPingCommand,
    addApplyCommand,
    addNodesCommand,
    addNodeCommands,
    addEventsCommand,
    addStatusCommand,
    addSignInLinkCommand,
    addConfigCommand,
  ]) {
    add(program);
  }
  inheritSettings(program);
  return program;
}

/** Sub-commands take over how errors of the command line end, which commander does not do for commands made by `command()` before. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
}
