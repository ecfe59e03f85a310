import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { LabError } from './errors.ts';
import { hostDir } from './host.ts';
import type { LabHost } from './host.ts';
import type { LabSettings } from './settings.ts';

const namePattern = /^[a-z][a-z0-9-]{0,39}$/;
const pathPattern = /^(?:\/[a-z][a-z0-9-]*)+$/;

/** The folder of this machine that hosts of the lab share under a name. It goes with the lab. */
export const sharedFolder = (settings: LabSettings, name: string): string => join(settings.stateDir, 'shared', name);

/**
 * Has a host mount a folder of this machine at `path` from its next start on, instead of what it had mounted there before. Hosts that are given
 * the same name see the same folder, as clients of one file server would. It is root's at first, and empty.
 */
export function addSharedFolder(
  settings: LabSettings,
  host: LabHost,
  { name, path }: { readonly name: string; readonly path: string },
): void {
  if (!namePattern.test(name) || !pathPattern.test(path)) {
    throw new LabError(`shared folder "${name}" at "${path}": a name and a full path of a-z, 0-9 and - are needed`, { kind: 'usage' });
  }
  const folder = sharedFolder(settings, name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const config = join(hostDir(settings, host), 'config');
  const target = `${path.slice(1)} none bind,create=dir 0 0`;
  const others = readFileSync(config, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !(line.startsWith('lxc.mount.entry') && line.endsWith(` ${target}`)));
  writeFileSync(config, `${[...others, `lxc.mount.entry = ${folder} ${target}`].join('\n')}\n`);
}
