import { existsSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { LabError } from './errors.ts';
import { endProcess, processIds } from './keeper.ts';
import { controlGroupBase } from './lxc-config.ts';
import { bridgeName } from './network.ts';
import type { LabSettings } from './settings.ts';

/** Processes outside the hosts that are in the lab's network: what `exec` started and nobody ended. */
export function processesInNetwork(settings: LabSettings): number[] {
  const bridge = `${bridgeName(settings)}:`;
  return processIds()
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/net/dev`, 'utf8').includes(bridge);
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter((pid) => pid !== process.pid && pid !== process.ppid);
}

/** Ends what is left in the lab's network and waits until it is gone. */
export async function endProcessesInNetwork(settings: LabSettings): Promise<void> {
  for (let round = 0; round < 250; round += 1) {
    const left = processesInNetwork(settings);
    if (left.length === 0) return;
    for (const pid of left) endProcess(pid);
    await sleep(20);
  }
  throw new LabError("processes in the lab's network do not end", { advice: 'run down again' });
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(folder, entry.name)] : []));
  } catch {
    // The group was removed between listing and reading.
    return [];
  }
}

function removeGroupTree(folder: string): void {
  for (const path of foldersIn(folder)) removeGroupTree(path);
  rmdirSync(folder);
}

/**
 * The lab's control groups. They lie below the groups of whoever called `up`, so that its limits hold
 * for the lab too, in one tree (cgroup v2) or in several (v1): looked for, because a crash may have
 * left nothing else.
 */
export function controlGroups(settings: LabSettings, folder = '/sys/fs/cgroup'): string[] {
  return foldersIn(folder).flatMap((path) => {
    if (!path.endsWith(`/${controlGroupBase}`)) return controlGroups(settings, path);
    const own = join(path, settings.name);
    return existsSync(own) ? [own] : [];
  });
}

/** Removes the lab's control groups. They outlive their processes, and a killed process leaves one busy for a moment. */
export async function removeControlGroups(settings: LabSettings): Promise<void> {
  let cause: unknown;
  for (let round = 0; round < 250; round += 1) {
    try {
      for (const group of controlGroups(settings)) {
        removeGroupTree(group);
        if (foldersIn(dirname(group)).length === 0) rmdirSync(dirname(group));
      }
      return;
    } catch (error) {
      cause = error;
      await sleep(20);
    }
  }
  throw new LabError("the lab's control groups are still in use", { advice: 'run down again', cause });
}
