/** Somebody to be given a place at one of several members. */
export type Seeker = {
  readonly id: string;
  /** Members in the order of its wishes, the one it has first: kept where the shares allow it. Others are wished for equally. */
  readonly wishes: readonly string[];
};

export type ShareWish = {
  readonly seekers: readonly Seeker[];
  /** Members to share them out to; at least one. */
  readonly members: readonly string[];
  /** How many places of each are taken in advance; the shares make up for it as far as they can. */
  readonly taken?: ReadonlyMap<string, number>;
  /** Of two with equal claims the one with less of this gets the odd place. */
  readonly load?: ReadonlyMap<string, number>;
};

/**
 * Gives each seeker a member, so that the members' numbers, with what was taken in advance, differ by one at most where that can be. Whoever
 * has a place keeps it unless its member has more than its share; the rest go where they wish while there is room. Deterministic: seekers
 * are served in the order of their ids.
 */
export function shareOut({ seekers, members, taken = none, load = none }: ShareWish): Map<string, string> {
  const sorted = seekers.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const holders = new Map(members.map((member) => [member, sorted.filter(({ wishes }) => wishes[0] === member)]));
  const room = sharesOf(sorted.length, members, { taken, load, held: (member) => holders.get(member)?.length ?? 0 });
  const hasRoom = (member: string): boolean => (room.get(member) ?? 0) > 0;
  const given = new Map<string, string>();
  const give = (seeker: Seeker, member: string): void => {
    given.set(seeker.id, member);
    room.set(member, (room.get(member) ?? 0) - 1);
  };
  for (const [member, held] of holders) for (const seeker of held.slice(0, room.get(member))) give(seeker, member);
  for (const rank of [1, 2, 3])
    for (const seeker of unplaced(sorted, given)) {
      const wish = seeker.wishes[rank];
      if (wish !== undefined && hasRoom(wish)) give(seeker, wish);
    }
  for (const seeker of unplaced(sorted, given)) give(seeker, roomiest(room, members));
  return given;
}

const none: ReadonlyMap<string, number> = new Map();

const unplaced = (seekers: readonly Seeker[], given: ReadonlyMap<string, string>): Seeker[] => seekers.filter(({ id }) => !given.has(id));

type Claims = {
  readonly taken: ReadonlyMap<string, number>;
  readonly load: ReadonlyMap<string, number>;
  readonly held: (member: string) => number;
};

/** How many each member gets of so many: one after the other to whoever has least; of equals to who holds more that it would lose. */
function sharesOf(count: number, members: readonly string[], { taken, load, held }: Claims): Map<string, number> {
  const shares = new Map<string, number>(members.map((member) => [member, 0]));
  const of = (member: string) => {
    const share = shares.get(member) ?? 0;
    return { total: share + (taken.get(member) ?? 0), unkept: held(member) - share, load: load.get(member) ?? 0 };
  };
  const comesBefore = (one: string, other: string): boolean => {
    const [a, b] = [of(one), of(other)];
    if (a.total !== b.total) return a.total < b.total;
    if (a.unkept !== b.unkept) return a.unkept > b.unkept;
    return a.load !== b.load ? a.load < b.load : one < other;
  };
  for (let given = 0; given < count; given += 1) {
    const next = members.reduce((best, member) => (comesBefore(member, best) ? member : best));
    shares.set(next, (shares.get(next) ?? 0) + 1);
  }
  return shares;
}

const roomiest = (room: ReadonlyMap<string, number>, members: readonly string[]): string =>
  members.reduce((best, member) => ((room.get(member) ?? 0) > (room.get(best) ?? 0) ? member : best));
