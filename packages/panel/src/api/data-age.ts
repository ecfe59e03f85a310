import { dataAgeHeader } from '@muster/api';
import { useSyncExternalStore } from 'react';

/** When what the last answer said was so, milliseconds since the epoch; null where it came from the database that takes writes. */
let readAtMs: number | null = null;
const listeners = new Set<() => void>();

/** Takes note of whether an answer was read from a copy of the database, and of when that was so. */
export function noteDataAge(headers: Pick<Headers, 'get'>, nowMs: number): void {
  const age = headers.get(dataAgeHeader);
  const atMs = age === null ? null : nowMs - Number(age) * 1000;
  // Within a second it is the same moment: the age comes in whole ones.
  if (atMs === readAtMs || (atMs !== null && readAtMs !== null && Math.abs(atMs - readAtMs) < 1500)) return;
  readAtMs = atMs;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Follows whether the page is read from a copy of the database: the time of it, or null. */
export const useCopyTime = (): number | null => useSyncExternalStore(subscribe, () => readAtMs);
