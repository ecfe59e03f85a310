import { existsSync, rmSync } from 'node:fs';

import { removeEmptyFolder } from './empty-folder.ts';
import { removeOutput } from './inventory.ts';
import { findKeeper, stopKeeper } from './keeper.ts';
import { controlGroups, endProcessesInNetwork, processesInNetwork, removeControlGroups } from './leftovers.ts';
import { restoreMachineLimits } from './machine-limits.ts';
import type { LabSettings } from './settings.ts';

/**
 * Removes every trace of a lab but the image: its processes, mounts, network, control groups, state
 * and output files. Goes by what is there and not by what was noted, so it works the same after a
 * crash at any moment. Idempotent.
 */
export async function takeDown(settings: LabSettings): Promise<void> {
  await stopKeeper(settings);
  await endProcessesInNetwork(settings);
  await removeControlGroups(settings);
  rmSync(settings.stateDir, { recursive: true, force: true });
  removeOutput(settings);
  restoreMachineLimits(settings);
  removeEmptyFolder(settings.stateRoot);
}

/** What of a lab is still there, in words; empty after a complete {@link takeDown}. */
export function remains(settings: LabSettings): string[] {
  const keeper = findKeeper(settings);
  return [
    ...(keeper === undefined ? [] : [`keeper process ${keeper}`]),
    ...processesInNetwork(settings).map((pid) => `process ${pid} in the lab's network`),
    ...controlGroups(settings).map((path) => `control group ${path}`),
    ...(existsSync(settings.stateDir) ? [`state folder ${settings.stateDir}`] : []),
  ];
}
