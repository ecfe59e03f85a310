import { type Log, placedMember, placeNodes } from '@muster/core';
import type { StoreTables } from '@muster/store';
import { Rounds } from '../rounds.ts';

export type PlacementLoopParts = { readonly store: Pick<StoreTables, 'members' | 'places'>; readonly log: Log };

/** Decides which servers each node turns to, and writes what changed. Alone there is nothing to decide. */
export function makePlacementLoop({ store, log }: PlacementLoopParts): Rounds {
  const round = async () => {
    const members = (await store.members.list()).map(placedMember);
    if (members.length < 2) return;
    const nodes = await store.places.list();
    const before = new Map(nodes.map(({ nodeId, servers }) => [nodeId, servers]));
    const placed = nodes.map(({ nodeId, zone, wish }) => ({ id: nodeId, zone, wish }));
    const placement = placeNodes({ members, nodes: placed, before });
    const decided = [...placement].map(([nodeId, servers]) => ({ nodeId, servers }));
    await store.places.save(decided.filter(({ nodeId, servers }) => servers.join() !== before.get(nodeId)?.join()));
  };
  return new Rounds({ everyMs: 2000, log, round, failure: 'it could not be decided which servers nodes turn to; tried again' });
}
