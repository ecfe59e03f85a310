import { setTimeout as sleep } from 'node:timers/promises';
import { isStoreUnavailable } from '@muster/store';

const retryMs = 1000;

/**
 * Does the work, and again each second for as long as the database is away and the signal lets it. The work must bear repetition: a
 * statement whose answer was lost may have taken place.
 * @throws every other error of the work, and its last one once the signal says stop
 */
export async function untilStoreIsBack<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isStoreUnavailable(error) || signal.aborted) throw error;
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
