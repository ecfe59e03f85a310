import type { ClusterHost } from '../host/cluster.ts';
import { textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { slurmStateFolder } from './slurm-conf.ts';

/** Folders of the system, and those that hold folders of other programs. */
const systemFolder = /^\/(?:(?:bin|boot|dev|etc|lib\w*|proc|run|sbin|sys|tmp|usr)(?:\/.*)?|home|media|mnt|opt|root|srv|var|var\/lib)$/u;

/**
 * The folder that the controllers share, from `slurm_state_folder`; undefined where the controller keeps its state to itself. Pure.
 * @throws ProvisionError for a path that cannot be one
 */
export function sharedFolderOf(host: ClusterHost): string | undefined {
  const text = textVariable(host, 'slurm_state_folder');
  if (text === undefined) return undefined;
  const path = text.replace(/\/+$/u, '');
  const isPath = /^(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)+$/u.test(path);
  if (isPath && !systemFolder.test(path) && path !== slurmStateFolder) return path;
  throw new ProvisionError(
    `${host.name}: slurm_state_folder is "${text}": name a folder of its own by its full path, for instance /srv/slurm-state. It may have letters, digits and . _ - only, and be none of the system's.`,
  );
}

/** @throws ProvisionError for several controllers without such a folder, or with different ones */
export function requireOneStateFolder(controllers: readonly ClusterHost[]): void {
  const [first, second] = controllers;
  if (first === undefined) return;
  const folders = controllers.map((host) => ({ name: host.name, folder: sharedFolderOf(host) }));
  const shared = folders[0]?.folder;
  const other = folders.find(({ folder }) => folder !== shared);
  if (other !== undefined) {
    throw new ProvisionError(
      `slurm_state_folder is ${shared ?? 'not set'} for ${first.name} and ${other.folder ?? 'not set'} for ${other.name}. The controllers of Slurm share one folder: set it once, in [slurm_controller:vars].`,
    );
  }
  if (second === undefined || shared !== undefined) return;
  throw new ProvisionError(
    `Slurm has the controllers ${first.name} and ${second.name}. A backup goes on from the state of the primary, so it needs a folder that both mount: set slurm_state_folder to its path, or leave one host in [slurm_controller].`,
  );
}

/** What is said of a controller that lacks the folder. */
export const noFolder = (name: string, folder: string): ProvisionError =>
  new ProvisionError(`${name} has no folder ${folder} (slurm_state_folder). Mount the same one on every controller of Slurm first.`);
