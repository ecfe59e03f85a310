import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { LabSettings } from './settings.ts';

const limitPath = '/proc/sys/fs/inotify/max_user_instances';
/** A host's systemd and services take about 8; the rest is room for what tests start in it. */
const instancesPerHost = 64;

function notePath(settings: LabSettings): string {
  return join(settings.stateRoot, 'inotify-instances.before');
}

function hostsOfAllLabs(settings: LabSettings): number {
  const labs = readdirSync(settings.stateRoot, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const folders = labs.map((lab) => join(settings.stateRoot, lab.name, 'hosts')).filter((path) => existsSync(path));
  return folders.reduce((sum, path) => sum + readdirSync(path).length, 0);
}

/**
 * All hosts count as one user for the kernel, whose default of 128 inotify instances ten of them use
 * up. Raises it when it is too low for the hosts there are and `newHosts` more, and notes what it was.
 */
export function raiseMachineLimits(settings: LabSettings, newHosts: number): void {
  const now = Number(readFileSync(limitPath, 'utf8'));
  const needed = 128 + (hostsOfAllLabs(settings) + newHosts) * instancesPerHost;
  if (now >= needed) return;
  if (!existsSync(notePath(settings))) writeFileSync(notePath(settings), String(now));
  writeFileSync(limitPath, String(needed));
}

/** Puts the limit back when the last lab of the state folder is gone. */
export function restoreMachineLimits(settings: LabSettings): void {
  const note = notePath(settings);
  if (!existsSync(note)) return;
  if (readdirSync(settings.stateRoot, { withFileTypes: true }).some((entry) => entry.isDirectory())) return;
  writeFileSync(limitPath, readFileSync(note, 'utf8'));
  rmSync(note);
}
