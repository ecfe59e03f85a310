import type { Command } from 'commander';
import { addBundleCommand } from './bundle.ts';
import { addCheckCommand } from './check.ts';
import { addLoadCommand } from './load.ts';
import { addPullCommand } from './pull.ts';

/** `muster artifacts`: what roles are installed from on this machine. */
export function addArtifactsCommands(program: Command): void {
  const artifacts = program
    .command('artifacts')
    .description('what a cluster is installed from: fetch it, check it, carry it to where there is no internet');
  addPullCommand(artifacts);
  addCheckCommand(artifacts);
  addBundleCommand(artifacts);
  addLoadCommand(artifacts);
}
