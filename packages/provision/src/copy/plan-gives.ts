/** A host that can give. */
export type Fellow = {
  /** To how many it gives at the moment. */
  readonly busy: number;
  /** Whether it has the whole file, verified. If not, it passes on what it gets while it gets it. */
  readonly isWhole: boolean;
};

/** Where an artifact is on its way over the hosts. */
export type Spread = {
  /** Hosts that lack it and get it from nobody yet, in order. */
  readonly waiting: readonly string[];
  readonly givers: ReadonlyMap<string, Fellow>;
  /** Hosts to which no fellow can give: the provisioner sends to them itself. */
  readonly direct: ReadonlySet<string>;
  /** Hosts that a fellow left in the middle: only one that has all of it gives to them. */
  readonly careful: ReadonlySet<string>;
  /** Uploads of the provisioner that are under way. */
  readonly uploads: number;
};

/** One transfer to begin; without a giver the provisioner sends. */
export type Give = { readonly to: string; readonly from?: string };

export type SpreadLimits = {
  /** Receivers of one giver at a time: with one, each has the giver's whole line. */
  readonly perGiver: number;
  /** Uploads of the provisioner at a time where fellows cannot give. */
  readonly uploads: number;
  /** Whether hosts may give at all. */
  readonly mayGive: boolean;
};

/**
 * Who gives to whom next; asked anew whenever a transfer has begun or ended. While nobody has it the provisioner sends to one host alone, as
 * fast as its line allows; whoever gets it passes it on while it comes, the least busy first, so that all have it soon after the first. Pure.
 */
export function planGives(
  { waiting, givers, direct, careful, uploads }: Spread,
  { perGiver, uploads: most, mayGive }: SpreadLimits,
): Give[] {
  const busy = new Map([...givers].map(([name, fellow]) => [name, fellow.busy]));
  const whole = new Set([...givers].filter(([, { isWhole }]) => isWhole).map(([name]) => name));
  const gives: Give[] = [];
  let sending = uploads;
  for (const to of waiting) {
    const isGivenTo = mayGive && !direct.has(to);
    const from = isGivenTo ? leastBusy(busy, perGiver, (name) => whole.has(name) || !careful.has(to)) : undefined;
    if (from !== undefined) {
      busy.set(from, (busy.get(from) ?? 0) + 1);
      gives.push({ to, from });
    } else if (sending < (isGivenTo ? firstUploads(whole.size) : most)) {
      sending += 1;
      gives.push({ to });
    }
  }
  return gives;
}

/** Once there is somebody to give, waiting for him is quicker than sharing the provisioner's line. */
const firstUploads = (haveIt: number): number => (haveIt === 0 ? 1 : 0);

function leastBusy(givers: ReadonlyMap<string, number>, limit: number, may: (name: string) => boolean): string | undefined {
  const free = [...givers].filter(([name, count]) => count < limit && may(name));
  return free.toSorted(([, a], [, b]) => a - b)[0]?.[0];
}
