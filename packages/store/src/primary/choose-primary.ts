/** What a database said when it was last asked, or that it said nothing. */
export type ProbeAnswer =
  | { readonly role: 'primary'; /** Grows by one with every promotion. */ readonly timeline: number }
  | { readonly role: 'standby'; /** How much of the log it has replayed, bytes from its beginning. */ readonly replayed: number }
  | { readonly role: 'silent'; /** For how long it has said nothing, milliseconds. */ readonly forMs: number };

/** A primary that says nothing for so long is given up, so that whoever waits for it hears of that. */
export const silentLimitMs = 4000;

/**
 * Which of several databases takes the writes, by place in the list; undefined where none does. Of two that both say they do the later
 * timeline is right: the other was replaced and does not know it yet.
 */
export function choosePrimary(answers: readonly ProbeAnswer[], current: number | undefined): number | undefined {
  const latest = Math.max(...answers.map((one) => (one.role === 'primary' ? one.timeline : 0)));
  const candidates = answers.flatMap((one, place) => (one.role === 'primary' && one.timeline === latest ? [place] : []));
  if (candidates.length > 0) return current !== undefined && candidates.includes(current) ? current : candidates[0];
  const last = current === undefined ? undefined : answers[current];
  return last?.role === 'silent' && last.forMs < silentLimitMs ? current : undefined;
}

/**
 * The copy to read from while no database is known to take writes, or the one that did says nothing now: the one that has replayed the most;
 * undefined while the primary answers, and where there is no copy.
 */
export function chooseCopy(answers: readonly ProbeAnswer[], primary: number | undefined): number | undefined {
  if (primary !== undefined && answers[primary]?.role === 'primary') return undefined;
  const replayed = answers.map((one) => (one.role === 'standby' ? one.replayed : -1));
  const most = Math.max(-1, ...replayed);
  return most === -1 ? undefined : replayed.indexOf(most);
}
