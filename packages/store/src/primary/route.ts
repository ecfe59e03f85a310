import type { DatabaseSight, Log } from '@muster/core';
import type { StoreConnection } from '../connection.ts';
import { hostUrls } from './host-urls.ts';
import { PrimaryFollower } from './primary-follower.ts';

/** Where the database is now. With one it is always there; of several it is the one that takes writes. */
export type Route = {
  /** Waits for a database that takes writes, some seconds at most. @throws StoreUnavailable */
  current(): Promise<StoreConnection>;
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
  return { current: () => Promise.resolve(connection), onMoved: () => () => undefined, seen: () => undefined, stop: () => undefined };
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
