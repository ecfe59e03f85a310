import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { liveKey, refetchIntervalMs } from './queries.ts';

/** The servers, who does what, and the copies of the database. */
export const poolQuery = queryOptions({
  queryKey: [liveKey, 'pool'],
  queryFn: ({ signal }) => api.getPool({}, signal),
  refetchInterval: refetchIntervalMs,
});
