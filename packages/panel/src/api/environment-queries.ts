import type { EnvironmentNodesQuery, NodeSync } from '@muster/api';
import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { liveKey, refetchIntervalMs } from './queries.ts';

/** As many as one call gives. */
const mostRows = 1_000;

export const environmentsQuery = queryOptions({
  queryKey: [liveKey, 'environments'],
  queryFn: ({ signal }) => api.listEnvironments({ query: { limit: mostRows } }, signal),
  refetchInterval: refetchIntervalMs,
});

export const environmentQuery = (environment: string) =>
  queryOptions({
    queryKey: [liveKey, 'environment', environment],
    queryFn: ({ signal }) => api.getEnvironment({ params: { environment } }, signal),
    refetchInterval: refetchIntervalMs,
  });

export const environmentNodesQuery = (environment: string, query: EnvironmentNodesQuery) =>
  queryOptions({
    queryKey: [liveKey, 'environment-nodes', environment, query],
    queryFn: ({ signal }) => api.listEnvironmentNodes({ params: { environment }, query }, signal),
    refetchInterval: refetchIntervalMs,
  });

export const environmentVersionsQuery = (environment: string) =>
  queryOptions({
    queryKey: [liveKey, 'environment-versions', environment],
    queryFn: ({ signal }) => api.listEnvironmentVersions({ params: { environment } }, signal),
  });

export const environmentPackagesQuery = (environment: string) =>
  queryOptions({
    queryKey: [liveKey, 'environment-packages', environment],
    queryFn: ({ signal }) => api.listEnvironmentPackages({ params: { environment }, query: {} }, signal),
  });

export const nodeEnvironmentsQuery = (node: string) =>
  queryOptions({
    queryKey: [liveKey, 'node-environments', node],
    queryFn: ({ signal }) => api.listNodeEnvironments({ params: { node } }, signal),
    refetchInterval: refetchIntervalMs,
  });

export const artifactsQuery = queryOptions({
  queryKey: [liveKey, 'artifacts'],
  queryFn: ({ signal }) => api.listArtifacts({ query: { limit: mostRows } }, signal),
});

/** Every node that is out of sync, by id: few of many, so the list of nodes need not ask for each. */
export const outOfSyncQuery = queryOptions({
  queryKey: [liveKey, 'out-of-sync'],
  queryFn: async ({ signal }): Promise<ReadonlyMap<string, NodeSync>> => {
    const found: NodeSync[] = [];
    for (;;) {
      const { items, total } = await api.listNodeSync({ query: { sync: 'out-of-sync', limit: mostRows, offset: found.length } }, signal);
      found.push(...items);
      if (items.length === 0 || found.length >= total) return new Map(found.map((one) => [one.nodeId, one]));
    }
  },
  refetchInterval: 15_000,
});
