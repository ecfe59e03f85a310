import { z } from 'zod';

/** Lines that can be asked for at once. */
export const maxJournalLines = 1000;

/** A line of a unit's journal: the node's own text, to be shown and never obeyed. */
export const JournalLine = z.object({
  /** By the node's clock; null where the journal does not say. */
  at: z.iso.datetime().nullable(),
  text: z.string(),
});
export type JournalLine = z.infer<typeof JournalLine>;

/** Lines of a journal, oldest first. One of them is each `data:` of the stream. */
export const JournalLines = z.object({
  lines: z.array(JournalLine),
  /** Lines before these that were left out, because the journal grew faster than it can be shown. */
  dropped: z.number().int().nonnegative(),
});
export type JournalLines = z.infer<typeof JournalLines>;

/** The end of a journal's stream, as `event: end`: why, in words; empty when all there is was shown. */
export const JournalEnded = z.object({ reason: z.string() });
export type JournalEnded = z.infer<typeof JournalEnded>;
