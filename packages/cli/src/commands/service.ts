import { UnitName } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { addOperationOptions, operationHelp, type OperationOptions, startOperation } from '../operations/start-operation.ts';

const actions = ['start', 'stop', 'restart'] as const;
const does = {
  start: 'start a systemd unit on the nodes of a range',
  stop: 'stop a systemd unit on the nodes of a range; it is remembered that this was on purpose, and nothing starts it again',
  restart: 'restart a systemd unit on the nodes of a range',
};

/** `muster service start|stop|restart UNIT RANGE`. */
export function addServiceCommands(program: Command): void {
  const service = program.command('service').description('start, stop and restart services of nodes');
  for (const action of actions) {
    addOperationOptions(
      service
        .command(action)
        .argument('<unit>', 'the unit as systemd names it; without a type a service: ssh is ssh.service')
        .argument('<range>', 'the nodes')
        .description(does[action]),
    )
      .addHelpText(
        'after',
        `${operationHelp}\n\nExamples:\n  muster service ${action} cron worker1\n  muster service ${action} slurmd.service node[01-40] --batch 5 --max-fail 1\n  muster service ${action} chrony all`,
      )
      .action((unit: string, range: string, options: OperationOptions, command: Command) =>
        startOperation(command, { kind: 'service', action, unit: unitOf(unit) }, range, options),
      );
  }
}

function unitOf(text: string): string {
  const named = UnitName.safeParse(text).success ? text : `${text}.service`;
  if (UnitName.safeParse(named).success) return named;
  throw new CliError(`"${text}" is not the name of a unit: name it as systemd does, such as ssh.service.`, 2);
}
