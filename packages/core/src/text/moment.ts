import { parseDuration } from './duration.ts';

/** A moment, or one that is measured from now by whoever asks the clock: `now`, `now+30d`, `now-2h`. */
export type Moment = { readonly iso: string } | { readonly fromNowSeconds: number };

const shape = /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/u;

/**
 * Reads a day (its first moment in UTC), a moment with its zone as ISO 8601 has it, or `now` with a duration added or taken away;
 * undefined for anything else, a day that no month has among it.
 */
export function parseMoment(text: string): Moment | undefined {
  const relative = /^now(?:([+-])(.+))?$/u.exec(text);
  if (relative !== null) return fromNow(relative[1], relative[2]);
  const [, year, month, day] = shape.exec(text)?.map(Number) ?? [];
  const atMs = Date.parse(text);
  if (year === undefined || month === undefined || day === undefined || Number.isNaN(atMs)) return undefined;
  // The first year that a database and a calendar agree upon; and V8 reads the 30th of February as one of March.
  return year < 1 || day > daysOf(year, month) ? undefined : { iso: new Date(atMs).toISOString() };
}

function fromNow(sign: string | undefined, text: string | undefined): Moment | undefined {
  if (sign === undefined || text === undefined) return { fromNowSeconds: 0 };
  const seconds = parseDuration(text);
  return seconds === undefined ? undefined : { fromNowSeconds: sign === '-' ? -seconds : seconds };
}

/** The day before the first of the next month. */
const daysOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
