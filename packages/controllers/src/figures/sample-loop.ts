import type { Log } from '@muster/core';
import type { Store } from '@muster/store';
import { Rounds } from '../rounds.ts';

/** Often enough that no minute is left out where one round is late. */
const everyMs = 20_000;

/** Keeps how the fleet fares, once a minute: the store sees to it that of several servers one does. */
export function makeSampleLoop(store: Pick<Store, 'samples'>, log: Log): Rounds {
  const round = async () => void (await store.samples.take());
  return new Rounds({ everyMs, log, round, failure: 'how the fleet fares could not be kept; tried again' });
}
