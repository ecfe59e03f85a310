import { hostname } from 'node:os';
import { agentAddressesOf, publicUrlOf } from '../config/addresses.ts';
import { PoolView } from '../pool/pool-view.ts';
import { version } from '../version.ts';
import type { Foundation } from './foundation.ts';

/** This server as a member of its pool. `onChange`: what agents are told of members has changed. */
export function makePool(
  { config, store, clock, log, serverId, run }: Foundation,
  agents: { readonly connected: () => readonly string[]; readonly letGo: () => void },
  onChange: () => void,
): PoolView {
  const { name = hostname(), zone = '' } = config.pool;
  const reached = { agentAddresses: agentAddressesOf(config), panelUrl: publicUrlOf(config) };
  const self = { id: serverId, run, name, zone, version, ...reached };
  return new PoolView({ store, self, nodes: agents.connected, letGo: agents.letGo, clock, log, onChange });
}
