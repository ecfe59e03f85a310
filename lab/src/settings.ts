import { join, resolve } from 'node:path';

import { LabError } from './errors.ts';

/** Where one lab keeps its things. Labs with different names share only the image cache. */
export interface LabSettings {
  /** Name of the lab: names its state folder, its control groups and its processes. */
  name: string;
  /** Folder of this lab's state: disks of the hosts, keys, logs. Gone after `down`. */
  stateDir: string;
  /** Folder of all labs' state. */
  stateRoot: string;
  /** Folder of built images and downloaded packages; stays after `down`. */
  cacheDir: string;
  /** Folder for `inventory.ini` and `known_hosts`, inside the checkout. */
  outputDir: string;
  /** Folder of all labs' such files in this checkout. */
  outputRoot: string;
}

/** The lab's name when neither the caller nor `MUSTER_LAB` gives one. */
export const defaultLabName = 'muster';

const checkout = resolve(import.meta.dirname, '../..');
const labNamePattern = /^[a-z][a-z0-9-]{0,19}$/;
const prefixPattern = /^[a-z][a-z0-9-]{0,39}$/;

function absolute(variable: string, value: string | undefined, otherwise: string): string {
  if (value === undefined || value === '') return otherwise;
  // The path goes into mount options and container configuration, where these characters are syntax.
  if (!value.startsWith('/') || /[\s,:\\"'=]/.test(value)) {
    throw new LabError(`${variable}=${value}: an absolute path without blanks , : = or quotes is needed`, { kind: 'usage' });
  }
  return value;
}

/**
 * Settings from the caller and the environment: `MUSTER_LAB` (name), `MUSTER_LAB_STATE` (state of all
 * labs, default /var/lib/muster-lab), `MUSTER_LAB_CACHE` (images, default /var/cache/muster-lab).
 */
export function labSettings(wanted: { name?: string } = {}, env: NodeJS.ProcessEnv = process.env): LabSettings {
  const name = wanted.name ?? env['MUSTER_LAB'] ?? defaultLabName;
  if (!labNamePattern.test(name)) {
    throw new LabError(`lab name "${name}": up to 20 of a-z, 0-9 and -, a letter first`, { kind: 'usage' });
  }
  const stateRoot = absolute('MUSTER_LAB_STATE', env['MUSTER_LAB_STATE'], '/var/lib/muster-lab');
  const cacheDir = absolute('MUSTER_LAB_CACHE', env['MUSTER_LAB_CACHE'], '/var/cache/muster-lab');
  const outputRoot = join(checkout, '.lab');
  const outputDir = name === defaultLabName ? outputRoot : join(outputRoot, name);
  return { name, stateRoot, stateDir: join(stateRoot, name), cacheDir, outputDir, outputRoot };
}

/** Checks a prefix for host names (`node` gives node1, node2, ...), by the rules of host names. */
export function requireHostPrefix(prefix: string): string {
  if (!prefixPattern.test(prefix)) {
    throw new LabError(`host name prefix "${prefix}": up to 40 of a-z, 0-9 and -, a letter first`, { kind: 'usage' });
  }
  return prefix;
}
