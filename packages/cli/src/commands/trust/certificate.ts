import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { addOperationOptions, operationHelp, type OperationOptions, startOperation } from '../../operations/start-operation.ts';
import { addRevokeCommand } from './revoke-command.ts';

/** `muster certificate rotate|revoke`. */
export function addCertificateCommands(program: Command): void {
  const certificate = program.command('certificate').description('renew and revoke certificates of nodes');
  addRotate(certificate);
  addRevokeCommand(certificate);
}

function addRotate(certificate: Command): void {
  addOperationOptions(
    certificate
      .command('rotate')
      .argument('[range]', 'the nodes')
      .description('give nodes new keys and certificates now; done when a node is heard with the new one and its services have it')
      .option('--all', 'every node'),
  )
    .addHelpText(
      'after',
      `${operationHelp}
A node that is away rotates when it returns, for as long as --begin-within lets it wait: up to 30 days.

Examples:
  muster certificate rotate web1
  muster certificate rotate 'web[1-9]' --batch 2 --max-fail 0
  muster certificate rotate --all --batch 50 --begin-within 2592000 --no-wait`,
    )
    .action((range: string | undefined, { all, ...options }: OperationOptions & { all?: boolean }, command: Command) =>
      startOperation(command, { kind: 'rotate' }, rangeOf(range, all === true), options),
    );
}

function rangeOf(range: string | undefined, all: boolean): string {
  if (all && range !== undefined) throw new CliError('Name a range or say --all, not both.', 2);
  if (all) return 'all';
  if (range === undefined) throw new CliError('Which nodes? Name a range, such as web[1-9], or say --all.', 2);
  return range;
}
