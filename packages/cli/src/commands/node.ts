import type { Command } from 'commander';
import { serverClient } from '../client/server-client.ts';
import { type Format, formatOption, printOne } from '../output/format.ts';
import { describeNode } from './describe-node.ts';
import { addEnsureCommand } from './node-ensure.ts';
import { addControllerCommands } from './node/controller-commands.ts';
import { addJoinCommands } from './node/join-commands.ts';
import { addMaintenanceCommands } from './node/maintenance-commands.ts';
import { addRemoveCommand } from './node/remove-command.ts';
import { addSchedulingCommands } from './node/scheduling-commands.ts';
import { addSetCommand } from './node/set-command.ts';

/** `muster node ...`: what is decided about nodes. */
export function addNodeCommands(program: Command): void {
  const node = program.command('node').description('add, show, change, drain, maintain and remove nodes');
  addJoinCommands(node);
  node
    .command('show')
    .argument('<name>', 'name or id of the node')
    .description('everything known of one node')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster node show web1')
    .action(async (name: string, { output }: { output: Format }, command: Command) => {
      const found = await serverClient(command).getNode({ params: { node: name } });
      printOne(output, found, () => describeNode(found));
    });
  addSetCommand(node);
  addSchedulingCommands(node);
  addMaintenanceCommands(node);
  addRemoveCommand(node);
  addControllerCommands(node);
  addEnsureCommand(node);
}
