import type { Clock, Log } from '@muster/core';
import { isStoreUnavailable, type Store } from '@muster/store';
import type { Sessions } from './sessions.ts';

/**
 * Compares the open connections with the store and ends those whose certificates must not be used any more: what events do at once, and this
 * does where none came through. While the database is away connections stay, as nobody can say. Never throws.
 */
export async function sweepEnded(parts: {
  readonly sessions: Sessions;
  readonly certificates: Pick<Store['certificates'], 'endedAmong'>;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<void> {
  const { sessions, certificates, clock, log } = parts;
  sessions.endExpired(clock.wallMs());
  try {
    sessions.endSerials(await certificates.endedAmong(sessions.serials()));
  } catch (error) {
    if (!isStoreUnavailable(error)) log.error({ error: String(error) }, 'open connections could not be compared with the store');
  }
}
