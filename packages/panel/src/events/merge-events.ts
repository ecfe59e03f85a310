import type { Event } from '@muster/api';

/** Events on screen, newest first. */
export type EventHistory = { readonly items: readonly Event[]; /** Whether there is nothing older. */ readonly isComplete: boolean };

/** How many events a call asks for. */
export const eventPageSize = 50;

/** More than this many are not kept on a page that stays open for days; the oldest can be loaded again. */
const mostKept = 1_000;

/**
 * The history with a fresh page of the newest events on top. Events never change, so what is known stays. Where the page does
 * not reach down to what is known, the history would have a hole: then it begins anew with the page.
 */
export function withNewest(known: EventHistory | undefined, newest: readonly Event[]): EventHistory {
  const isFull = newest.length >= eventPageSize;
  const last = newest.at(-1);
  const first = known?.items[0];
  if (known === undefined || first === undefined || last === undefined || (isFull && last.id > first.id))
    return { items: newest, isComplete: !isFull };
  const items = [...newest.filter((event) => event.id > first.id), ...known.items];
  return items.length > mostKept ? { items: items.slice(0, mostKept), isComplete: false } : { items, isComplete: known.isComplete };
}

/** The history with a page of older events below. */
export function withOlder(known: EventHistory, older: readonly Event[]): EventHistory {
  const lowest = known.items.at(-1)?.id ?? Number.POSITIVE_INFINITY;
  return { items: [...known.items, ...older.filter((event) => event.id < lowest)], isComplete: older.length < eventPageSize };
}
