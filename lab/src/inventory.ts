import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { removeEmptyFolder } from './empty-folder.ts';
import type { LabHost } from './host.ts';
import { keyUser } from './image-recipe.ts';
import { labNetwork } from './network.ts';
import type { LabSettings } from './settings.ts';

/** Where the files for tools that use the lab's hosts are. */
export function outputPaths(settings: LabSettings): { inventory: string; knownHosts: string } {
  return { inventory: join(settings.outputDir, 'inventory.ini'), knownHosts: join(settings.outputDir, 'known_hosts') };
}

function hostLine(host: LabHost, privateKeyPath: string): string {
  const variables = [
    `ansible_host=${host.address}`,
    `ansible_user=${keyUser.name}`,
    `ansible_ssh_private_key_file=${privateKeyPath}`,
    `my_iface=${labNetwork.hostInterface}`,
  ];
  return `${host.name} ${variables.join(' ')}`;
}

/** An Ansible INI inventory: the first host is the driver, the others are workers. */
export function inventoryText(hosts: readonly LabHost[], privateKeyPath: string): string {
  const [driver, ...workers] = hosts.map((host) => hostLine(host, privateKeyPath));
  const sections = ['# Hosts of the lab; they are gone after `npm run lab -- down`.', '[driver]', driver ?? '', '', '[worker]', ...workers];
  return `${sections.join('\n')}\n`;
}

/** known_hosts lines (sshd(8)) with each host's real keys, under its name and addresses. */
export function knownHostsText(hosts: readonly LabHost[], keysOf: (host: LabHost) => readonly string[]): string {
  return hosts.flatMap((host) => keysOf(host).map((key) => `${host.name},${host.address},${host.address6} ${key}\n`)).join('');
}

/** Writes both files, replacing what an earlier `up` left. */
export function writeOutput(settings: LabSettings, inventory: string, knownHosts: string): void {
  const paths = outputPaths(settings);
  mkdirSync(settings.outputDir, { recursive: true });
  writeFileSync(paths.inventory, inventory);
  writeFileSync(paths.knownHosts, knownHosts);
}

/** Removes both files, and their folders unless something else is in them. */
export function removeOutput(settings: LabSettings): void {
  const paths = outputPaths(settings);
  for (const path of [paths.inventory, paths.knownHosts]) rmSync(path, { force: true });
  removeEmptyFolder(settings.outputDir);
  removeEmptyFolder(settings.outputRoot);
}
