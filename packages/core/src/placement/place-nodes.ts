import { nodeRank } from './node-rank.ts';
import { type Seeker, shareOut } from './share-out.ts';

/** A server of the pool. */
export type PlacedMember = {
  readonly id: string;
  /** Where it stands; nodes of the same zone prefer it. Null: nowhere in particular. */
  readonly zone: string | null;
  /** `draining`: it works and is to be emptied. `lost`: nobody should be sent there. */
  readonly state: 'active' | 'draining' | 'lost';
  /** `host:port` by which agents reach it, the one to prefer first. */
  readonly addresses: readonly string[];
};

export type PlacedNode = {
  readonly id: string;
  readonly zone: string | null;
  /** Members that an administrator has pinned it to, in order; empty where the pool decides. */
  readonly wish: readonly string[];
};

/** For each node all members, its own first. */
export type Placement = ReadonlyMap<string, readonly string[]>;

export type PlacementInput = {
  readonly members: readonly PlacedMember[];
  readonly nodes: readonly PlacedNode[];
  /** What was decided the last time; empty at first. */
  readonly before: Placement;
};

/**
 * Decides which member each node belongs to, and in which order it turns to the others. Pure and deterministic.
 *
 * First places are shared out evenly among the active members of the node's zone (of all zones where its own has none), second places among
 * the others, for the nodes of each member apart: so those of a member that dies go to all others. What stood before is kept as far as that
 * allows; a new member takes its share and no more, and a member that is gone moves none but its own nodes. A wish of an administrator goes
 * first. Members that drain, and after them those that are lost, stand last in every list: an agent that reaches nobody else tries them.
 */
export function placeNodes({ members, nodes, before }: PlacementInput): Placement {
  const world = worldOf(members);
  const firsts = new Map<string, string>();
  for (const { group, candidates } of groupsOf(nodes, world)) {
    const free = group.filter((node) => pinned(node, world.usable)[0] === undefined);
    const seekers = free.map(({ id }) => ({ id, wishes: before.get(id) ?? [] }));
    const shares =
      candidates.length === 0
        ? new Map<string, string>()
        : shareOut({ seekers, members: candidates, taken: takenBy(group, candidates), load: countOf(firsts) });
    for (const node of group) {
      const first = pinned(node, world.usable)[0] ?? shares.get(node.id);
      if (first !== undefined) firsts.set(node.id, first);
    }
  }
  const seconds = secondPlaces(nodes, firsts, before, world);
  return new Map(nodes.map((node) => [node.id, listFor(node, [firsts.get(node.id), seconds.get(node.id)], world)]));
}

/** The addresses of the members in this order, as agents are told them. Members that are gone are passed over. */
export function serversOf(order: readonly string[], members: readonly PlacedMember[]): string[] {
  const byId = new Map(members.map((member) => [member.id, member]));
  return order.flatMap((id) => byId.get(id)?.addresses ?? []);
}

type World = {
  readonly members: readonly PlacedMember[];
  readonly zoneOf: ReadonlyMap<string, string | null>;
  /** Those that may hold nodes: the active ones; without any those that drain; without these all, since a node needs somebody to ask. */
  readonly usable: readonly string[];
  readonly inZone: (zone: string | null) => readonly string[];
};

function worldOf(members: readonly PlacedMember[]): World {
  const sorted = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const inState = (state: PlacedMember['state']): PlacedMember[] => sorted.filter((member) => member.state === state);
  const usable = [inState('active'), inState('draining')].find((some) => some.length > 0) ?? sorted;
  const inZone = (zone: string | null): readonly string[] =>
    zone === null ? [] : usable.filter((member) => member.zone === zone).map(({ id }) => id);
  const zoneOf = new Map(sorted.map(({ id, zone }) => [id, zone]));
  return { members: sorted, zoneOf, usable: usable.map(({ id }) => id), inZone };
}

const pinned = ({ wish }: PlacedNode, usable: readonly string[]): string[] => [...new Set(wish)].filter((id) => usable.includes(id));

/** Null, for nowhere, comes first. */
const byText = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : 1);

/** Nodes that are shared out together, with the members they are shared out to: those of a zone that has members, and all the rest. */
function groupsOf(nodes: readonly PlacedNode[], { usable, inZone }: World): { group: PlacedNode[]; candidates: readonly string[] }[] {
  const zones = [...new Set(nodes.map(({ zone }) => zone))].filter((zone) => inZone(zone).length > 0).toSorted(byText);
  const groups = zones.map((zone) => ({ group: nodes.filter((node) => node.zone === zone), candidates: inZone(zone) }));
  return [...groups, { group: nodes.filter(({ zone }) => inZone(zone).length === 0), candidates: usable }];
}

/**
 * Pinned nodes by the member of their first wish, where that can have them. Those that had to turn to their next wish do not count: else a
 * member that is gone would move nodes which are not its own.
 */
function takenBy(group: readonly PlacedNode[], candidates: readonly string[]): Map<string, number> {
  return countOf(
    new Map(group.flatMap(({ id, wish: [first] }) => (first !== undefined && candidates.includes(first) ? [[id, first]] : []))),
  );
}

function countOf(places: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const member of places.values()) counts.set(member, (counts.get(member) ?? 0) + 1);
  return counts;
}

/** Whom each node turns to when its own member dies: shared out for the nodes of each member and zone apart. */
function secondPlaces(
  nodes: readonly PlacedNode[],
  firsts: ReadonlyMap<string, string>,
  before: Placement,
  world: World,
): Map<string, string> {
  const seconds = new Map<string, string>();
  for (const { group } of groupsOf(nodes, world))
    for (const first of world.usable) {
      const own = group.filter(({ id }) => firsts.get(id) === first);
      for (const { seekers, members } of secondShares(own, first, before, world))
        for (const [id, second] of shareOut({ seekers, members, load: countOf(seconds) })) seconds.set(id, second);
    }
  return seconds;
}

type SecondShare = { readonly seekers: Seeker[]; readonly members: readonly string[] };

function secondShares(own: readonly PlacedNode[], first: string, before: Placement, { usable, inZone }: World): SecondShare[] {
  const others = usable.filter((id) => id !== first);
  if (own.length === 0 || others.length === 0) return [];
  const near = inZone(own[0]?.zone ?? null).filter((id) => id !== first);
  const free = own.filter((node) => pinned(node, others)[0] === undefined);
  // Who was second, and is not first now.
  const seekers = free.map(({ id }) => ({ id, wishes: (before.get(id) ?? []).slice(0, 3).filter((member) => member !== first) }));
  return [{ seekers, members: near.length > 0 ? near : others }];
}

function listFor(node: PlacedNode, places: readonly (string | undefined)[], { members, usable, zoneOf }: World): string[] {
  const wished = pinned(node, usable);
  const front = [places[0], ...wished, places[1]].filter((id) => id !== undefined);
  const tierOf = ({ id, state }: PlacedMember): number =>
    usable.includes(id) ? (node.zone !== null && zoneOf.get(id) === node.zone ? 0 : 1) : state === 'draining' ? 2 : 3;
  const byTier = (a: PlacedMember, b: PlacedMember): number => tierOf(a) - tierOf(b) || nodeRank(node.id, b.id) - nodeRank(node.id, a.id);
  return [...new Set([...front, ...members.toSorted(byTier).map(({ id }) => id)])];
}
