/** Where an artifact is on its way over the hosts. */
export type Spread = {
  /** Hosts that lack it and get it from nobody yet, in order. */
  readonly waiting: readonly string[];
  /** Hosts that have it and can give it, with the number of those they give to at the moment. */
  readonly givers: ReadonlyMap<string, number>;
  /** Hosts to which no fellow can give: the provisioner sends to them itself. */
  readonly direct: ReadonlySet<string>;
  /** Uploads of the provisioner that are under way. */
  readonly uploads: number;
};

/** One transfer to begin; without a giver the provisioner sends. */
export type Give = { readonly to: string; readonly from?: string };

export type SpreadLimits = {
  /** Receivers of one giver at a time: with two, hosts that have it treble in the time of one transfer. */
  readonly perGiver: number;
  /** Uploads of the provisioner at a time where fellows cannot give. */
  readonly uploads: number;
  /** Whether hosts may give at all. */
  readonly mayGive: boolean;
};

/**
 * Who gives to whom next; asked anew whenever a transfer has ended. While nobody has it the provisioner sends to one host alone, as fast as
 * its line allows; from then on every host that has it gives it to those that wait, the least busy first. Pure.
 */
export function planGives({ waiting, givers, direct, uploads }: Spread, { perGiver, uploads: most, mayGive }: SpreadLimits): Give[] {
  const busy = new Map(givers);
  const gives: Give[] = [];
  let sending = uploads;
  for (const to of waiting) {
    const from = mayGive && !direct.has(to) ? leastBusy(busy, perGiver) : undefined;
    if (from !== undefined) {
      busy.set(from, (busy.get(from) ?? 0) + 1);
      gives.push({ to, from });
    } else if (sending < (mayGive && !direct.has(to) ? firstUploads(givers) : most)) {
      sending += 1;
      gives.push({ to });
    }
  }
  return gives;
}

/** Once there is somebody to give, waiting for him is quicker than sharing the provisioner's line. */
const firstUploads = (givers: ReadonlyMap<string, number>): number => (givers.size === 0 ? 1 : 0);

function leastBusy(givers: ReadonlyMap<string, number>, limit: number): string | undefined {
  const free = [...givers].filter(([, count]) => count < limit);
  return free.toSorted(([, a], [, b]) => a - b)[0]?.[0];
}
