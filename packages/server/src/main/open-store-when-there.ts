import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@muster/core';
import { type Store, StoreUnavailable } from '@muster/store';
import type { Config } from '../config/config.ts';
import { openWaitingDoor, type WaitingDoor } from '../http/waiting-door.ts';

export type OpeningParts = {
  /** One try. */
  readonly open: () => Promise<Store>;
  readonly config: Config;
  readonly dataDir: string;
  readonly log: Log;
  /** Ends the wait. */
  readonly signal: AbortSignal | undefined;
};

const firstPauseMs = 500;
const longestPauseMs = 5000;

/**
 * Opens the store, and waits for as long as its database does not answer: after a power cut the machines of a pool come up in any order. Says so
 * in the log when the wait begins and whenever its reason changes, and at the door. A database that must not be used is not waited for.
 * @throws StoreRefused, StartError; the signal's reason
 */
export async function openStoreWhenThere({ open, config, dataDir, log, signal }: OpeningParts): Promise<Store> {
  let door: WaitingDoor | undefined;
  let reason = '';
  const beganMs = performance.now();
  try {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        const store = await open();
        if (door !== undefined) log.info({ waitedSeconds: Math.round((performance.now() - beganMs) / 1000) }, 'the database is there');
        return store;
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        if (error.message !== reason)
          log.warn({ reason: error.message }, 'the server waits for its database; tried again until that is there');
        reason = error.message;
      }
      signal?.throwIfAborted();
      door ??= await openWaitingDoor(config, dataDir, () => `The server starts, and waits for its database. ${reason}`);
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
    }
  } finally {
    await door?.close();
  }
}
