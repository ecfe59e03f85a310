import type { PlacedMember, Placement } from './place-nodes.ts';

export type MoveLimits = {
  /** Moves under way at the same time. */
  readonly atOnce: number;
  readonly perMinute: number;
  /** A member that came, or came back, is sent nobody until it was there for so long; and while one is new nothing is evened out. */
  readonly steadyMs: number;
};

/** What a pool does by itself: slow enough that nobody notices, fast enough that a member is emptied within minutes. */
export const moveLimits: MoveLimits = { atOnce: 50, perMinute: 600, steadyMs: 60_000 };

export type MovePicture = {
  readonly members: readonly (Pick<PlacedMember, 'id' | 'state'> & {
    /** How long it has been there without a break. */
    readonly steadyMs: number;
  })[];
  /** Which member each connected node is connected to. Nodes that are not connected find the way by themselves. */
  readonly where: ReadonlyMap<string, string>;
  readonly placement: Placement;
  /** Nodes that were asked to move and have not arrived. */
  readonly underWay: ReadonlySet<string>;
  /** How many were asked in the last minute. */
  readonly askedLastMinute: number;
};

export type PlannedMove = { readonly nodeId: string; readonly from: string; readonly to: string };

/** What to ask now, and how many more are to follow. */
export type MovePlan = {
  readonly moves: readonly PlannedMove[];
  /** Nodes that are elsewhere than they belong and wait: for the limits, or for a member to be steady. */
  readonly waiting: number;
};

/**
 * Which nodes to ask now to go over to another member. Those of draining members first; then, while every active member is steady, those that
 * are elsewhere than they belong. Never to a member that is not active and steady. Pure.
 */
export function planMoves(picture: MovePicture, limits: MoveLimits = moveLimits): MovePlan {
  const { members, where, placement, underWay, askedLastMinute } = picture;
  const inState = (state: PlacedMember['state']) => members.filter((one) => one.state === state);
  const steady = new Set(inState('active').flatMap(({ id, steadyMs }) => (steadyMs >= limits.steadyMs ? [id] : [])));
  const draining = new Set(inState('draining').map(({ id }) => id));
  const isCalm = steady.size === inState('active').length;
  const [emptied, evened]: [PlannedMove[], PlannedMove[]] = [[], []];
  let waiting = 0;
  for (const [nodeId, from] of [...where].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const order = placement.get(nodeId) ?? [];
    if (underWay.has(nodeId) || order.length === 0 || order[0] === from) continue;
    const isDraining = draining.has(from);
    // Away from where it must not stay to anyone; else home, and only when all is calm.
    const to = (isDraining ? order : order.slice(0, isCalm ? 1 : 0)).find((id) => steady.has(id));
    if (to === undefined) waiting += 1;
    else (isDraining ? emptied : evened).push({ nodeId, from, to });
  }
  const budget = Math.max(0, Math.min(limits.atOnce - underWay.size, limits.perMinute - askedLastMinute));
  const all = [...emptied, ...evened];
  return { moves: all.slice(0, budget), waiting: waiting + Math.max(0, all.length - budget) };
}
