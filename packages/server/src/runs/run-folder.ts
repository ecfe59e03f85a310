import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { controlUser } from '@muster/api';
import { type Inventory, type InventoryValue, plainDocument } from '@muster/core';
import { knownHostsName, openSshFormOf } from '@muster/ssh';
import type { Ways } from './plan-run.ts';
import { runFiles } from './run-arguments.ts';

/** What the program that executes a run finds in its folder. */
export type RunFiles = { readonly inventory: Inventory; readonly ways: Ways; readonly privateKeyPem: string };

/** Folders of runs, one each while it goes: they hold the server's key, so they are for its user only. */
export class RunFolders {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'runs');
  }

  /** Makes the folder of a run with everything in it; returns its path. */
  async make(id: string, { inventory, ways, privateKeyPem }: RunFiles): Promise<string> {
    const folder = join(this.#folder, id);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const key = join(folder, runFiles.key);
    const write = (name: string, content: string) => writeFile(join(folder, name), content, { mode: 0o600, flag: 'wx' });
    await write(runFiles.inventory, documentFor(inventory, ways, key));
    await write(runFiles.key, openSshFormOf(privateKeyPem));
    await write(runFiles.knownHosts, knownHostsFor(inventory, ways));
    // Empty, so that no configuration of this machine sends the run another way.
    await write(runFiles.sshConfig, '');
    return folder;
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.#folder, id), { recursive: true, force: true });
  }

  /** Removes what runs of a server that was killed have left. */
  async removeAll(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The inventory with the server's own way to each host that it has one to. */
function documentFor(inventory: Inventory, ways: Ways, key: string): string {
  return plainDocument(inventory, (host) => {
    const way = ways.get(host);
    if (way === undefined) return undefined;
    return new Map<string, InventoryValue>([
      ['ansible_host', way.address ?? host],
      ['ansible_port', way.port],
      ['ansible_user', controlUser],
      ['ansible_private_key_file', key],
    ]);
  });
}

function knownHostsFor(inventory: Inventory, ways: Ways): string {
  const lines = inventory.hosts.flatMap((host) => {
    const way = ways.get(host);
    return way === undefined ? [] : way.hostKeys.map((key) => `${knownHostsName(way.address ?? host, way.port)} ${key}\n`);
  });
  return lines.join('');
}
