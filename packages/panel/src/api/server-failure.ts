import { useQueryClient, type Query, type QueryCache } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';

/** The query on screen that fails at the moment and has the oldest data, or null when all is well. */
function failingQuery(cache: QueryCache): Query | null {
  const failing = cache
    .findAll({ type: 'active' })
    .filter((query) => query.state.fetchFailureReason !== null && query.state.fetchStatus !== 'idle');
  return failing.reduce<Query | null>(
    (oldest, query) => (oldest === null || query.state.dataUpdatedAt < oldest.state.dataUpdatedAt ? query : oldest),
    null,
  );
}

/** Follows whether the server answers the calls of this page. */
export function useServerFailure(): Query | null {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((listener: () => void) => cache.subscribe(listener), [cache]);
  return useSyncExternalStore(subscribe, () => failingQuery(cache));
}
