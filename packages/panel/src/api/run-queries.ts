import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { liveKey, refetchIntervalMs } from './queries.ts';

export const runsQuery = (query: { readonly limit: number; readonly offset: number }) =>
  queryOptions({
    queryKey: [liveKey, 'runs', query],
    queryFn: ({ signal }) => api.listRuns({ query }, signal),
    refetchInterval: refetchIntervalMs,
  });

/** A run is told when it is over. */
export const runQuery = (id: string) =>
  queryOptions({ queryKey: [liveKey, 'run', id], queryFn: ({ signal }) => api.getRun({ params: { id } }, signal) });
