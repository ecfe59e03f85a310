import type { Command } from 'commander';
import { addCheckCommand } from './check.ts';

/** `muster artifacts`: what roles are installed from on this machine. */
export function addArtifactsCommands(program: Command): void {
  const artifacts = program.command('artifacts').description('what k3s, registry and hub of an inventory are installed from');
  addCheckCommand(artifacts);
}
