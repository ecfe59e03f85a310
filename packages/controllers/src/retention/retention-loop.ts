import type { Log } from '@muster/core';
import type { Store } from '@muster/store';
import { Rounds } from '../rounds.ts';

const everyMs = 3_600_000;

export type RetentionParts = {
  readonly store: { readonly events: Pick<Store['events'], 'forget'> };
  readonly log: Log;
  readonly eventDays: number;
};

/** Forgets what is older than it is to be kept, some at a time. */
export function makeRetentionLoop({ store, log, eventDays }: RetentionParts): Rounds {
  const round = async () => {
    let total = 0;
    for (let forgotten = -1; forgotten !== 0; total += forgotten) forgotten = await store.events.forget(eventDays);
    if (total > 0) log.info({ events: total, olderThanDays: eventDays }, 'old events were forgotten');
  };
  return new Rounds({ everyMs, log, round, failure: 'old events could not be forgotten; tried again in an hour' });
}
