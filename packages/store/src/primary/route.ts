import type { DatabaseSight, Log } from '@muster/core';
import type { StoreConnection } from '../connection.ts';
import { hostUrls } from './host-urls.ts';
import { PrimaryFollower } from './primary-follower.ts';

/** A copy of the database that can be read now, and how old what it says may be. */
export type Copy = {
  readonly connection: StoreConnection;
  /** Since a database that takes writes was last heard; what was acknowledged until then is in the copy. Milliseconds. */
  readonly ageMs: number;
};

/** Where the database is now. With one it is always there; of several it is the one that takes writes. */
export type Route = {
  /** Waits for a database that takes writes, some seconds at most. @throws StoreUnavailable */
  current(): Promise<StoreConnection>;
  /** A copy to read from; undefined while a database takes writes, and where there is no copy. */
  copy(): Copy | undefined;
  /** Resolves when the databases were asked the next time, within some seconds; with false where nobody asks: there is one alone. */
  lookAgain(): Promise<boolean>;
  /** Calls back whenever connections that were made before are of no use any more. Returns what ends that. */
  onMoved(callback: () => void): () => void;
  /** What those of several that were last asked said; nothing where there is one, which can be asked itself. */
  seen(): Pick<DatabaseSight, 'copies' | 'lastPrimaryBytes'> | undefined;
  stop(): void;
};

/** @throws StoreRefused `bad-url` */
export function openRoute(connection: StoreConnection, log: Log): Route {
  const urls = 'url' in connection ? hostUrls(connection.url) : [];
  if (urls.length > 1) return PrimaryFollower.start(urls, log);
  return {
    current: () => Promise.resolve(connection),
    copy: () => undefined,
    lookAgain: () => Promise.resolve(false),
    onMoved: () => () => undefined,
    seen: () => undefined,
    stop: () => undefined,
  };
}

/** The database that takes writes now, for a single connection. @throws StoreUnavailable, StoreRefused `bad-url` */
export async function connectionNow(connection: StoreConnection, log: Log): Promise<StoreConnection> {
  const route = openRoute(connection, log);
  try {
    return await route.current();
  } finally {
    route.stop();
  }
}
