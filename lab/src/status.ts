import { cableStates } from './cable.ts';
import type { CableState } from './cable.ts';
import { isRunning } from './container.ts';
import type { LabHost } from './host.ts';
import { outputPaths } from './inventory.ts';
import { findKeeper } from './keeper.ts';
import { hostsOf, readRecord } from './lab-record.ts';
import type { LabSettings } from './settings.ts';

/** One host as `status` shows it. */
export interface HostStatus extends LabHost {
  power: 'on' | 'off';
  network: CableState;
}

/** A lab as `status` shows it. */
export interface LabStatus {
  name: string;
  /** `up`: its network is there. `broken`: it was killed; `up` revives it, `down` removes it. */
  state: 'up' | 'down' | 'broken';
  /** Process whose end ends the lab; its network is `/proc/<keeper>/ns/net`. */
  keeper?: number;
  image?: string;
  inventory?: string;
  stateDir: string;
  hosts: HostStatus[];
}

/** Looks at a lab without changing anything. */
export async function readStatus(settings: LabSettings): Promise<LabStatus> {
  const keeper = findKeeper(settings);
  const record = readRecord(settings);
  const hosts = hostsOf(record);
  const base = {
    name: settings.name,
    stateDir: settings.stateDir,
    ...(record === undefined ? {} : { image: record.image.hash, inventory: outputPaths(settings).inventory }),
  };
  if (keeper === undefined) {
    const off = hosts.map((host): HostStatus => ({ ...host, power: 'off', network: 'none' }));
    return { ...base, state: record === undefined ? 'down' : 'broken', hosts: off };
  }
  const place = { settings, keeper };
  const cables = await cableStates(place, hosts);
  const seen = hosts.map(async (host): Promise<HostStatus> => ({
    ...host,
    power: (await isRunning(place, host)) ? 'on' : 'off',
    network: cables.get(host.name) ?? 'none',
  }));
  return { ...base, state: record === undefined ? 'broken' : 'up', keeper, hosts: await Promise.all(seen) };
}
