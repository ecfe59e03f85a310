import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { liveKey, refetchIntervalMs } from './queries.ts';

/** Between two phases a run tells no event, but hosts are done with the one. */
const runningIntervalMs = 2_000;

export const runsQuery = (query: { readonly limit: number; readonly offset: number }) =>
  queryOptions({
    queryKey: [liveKey, 'runs', query],
    queryFn: ({ signal }) => api.listRuns({ query }, signal),
    refetchInterval: refetchIntervalMs,
  });

/** A run; one that goes on is looked at again and again. */
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: [liveKey, 'run', id],
    queryFn: ({ signal }) => api.getRun({ params: { id } }, signal),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? runningIntervalMs : false),
  });

/** The inventories that the server keeps. */
export const inventoriesQuery = queryOptions({
  queryKey: ['inventories'],
  queryFn: ({ signal }) => api.listInventories({}, signal),
});

/** On which hosts a run would work. What was found for the text before stays while the next is asked for. */
export const inventoryHostsQuery = (inventory: string, limit: string) =>
  queryOptions({
    queryKey: ['inventory-hosts', inventory, limit],
    queryFn: ({ signal }) => api.listInventoryHosts({ params: { inventory }, query: limit === '' ? {} : { limit } }, signal),
    enabled: inventory !== '',
    retry: false,
    placeholderData: keepPreviousData,
  });
