import type { Place } from './container.ts';
import type { LabHost } from './host.ts';
import { inNetwork } from './keeper.ts';
import { bridgeName, hostPort } from './network.ts';
import { requireCommand } from './run-command.ts';

/**
 * State of a host's cable: `up`; `cut` (unplugged: the host sees its carrier go); `silent` (the switch
 * drops everything while the carrier stays); `none` (the host is off).
 */
export type CableState = 'up' | 'cut' | 'silent' | 'none';

interface LinkReport {
  ifname?: string;
  flags?: string[];
  /** The bridge the port is plugged into. */
  master?: string;
}

function linkSet(place: Place, host: LabHost, ...change: string[]): string[] {
  return inNetwork(place.keeper, ['ip', 'link', 'set', 'dev', hostPort(host.index), ...change]);
}

/** The state of every cable in the lab, by host name. */
export async function cableStates(place: Place, hosts: readonly LabHost[]): Promise<Map<string, CableState>> {
  const text = await requireCommand("reading the lab's network", inNetwork(place.keeper, ['ip', '-j', 'link', 'show']));
  const links = JSON.parse(text) as LinkReport[];
  return new Map(
    hosts.map((host) => {
      const link = links.find((one) => one.ifname === hostPort(host.index));
      if (link === undefined) return [host.name, 'none'];
      if (link.flags?.includes('UP') !== true) return [host.name, 'cut'];
      return [host.name, link.master === undefined ? 'silent' : 'up'];
    }),
  );
}

/**
 * Cuts a host off the lab's network. By default its carrier goes, as when a cable is pulled; with
 * `silent` packets vanish and nothing tells the host. Idempotent.
 */
export async function cutCable(place: Place, host: LabHost, silent: boolean): Promise<void> {
  // Out of the bridge, the port still has a carrier and nobody takes its packets.
  const change = silent ? ['nomaster'] : ['down'];
  await requireCommand(`cutting ${host.name} off`, linkSet(place, host, ...change), {
    advice: `is ${host.name} on? npm run lab -- status`,
  });
}

/** Gives a host its network back after either kind of cut. Idempotent. */
export async function healCable(place: Place, host: LabHost): Promise<void> {
  const change = ['up', 'master', bridgeName(place.settings)];
  await requireCommand(`reconnecting ${host.name}`, linkSet(place, host, ...change), {
    advice: `is ${host.name} on? npm run lab -- status`,
  });
}
