import type { NodeQuery } from '@muster/api';
import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { isSignedOut } from './describe-error.ts';

/** Heartbeats change no event, so their ages are fetched anew this often; between two fetches the page counts on. */
export const refetchIntervalMs = 5_000;

/** First member of the key of everything that a pushed event may have changed. */
export const liveKey = 'live';

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async ({ signal }) => {
    try {
      return await api.getSession({}, signal);
    } catch (error) {
      if (isSignedOut(error)) return null;
      throw error;
    }
  },
});

export const statusQuery = queryOptions({
  queryKey: [liveKey, 'status'],
  queryFn: ({ signal }) => api.getStatus({}, signal),
  refetchInterval: refetchIntervalMs,
});

/** A page of nodes. */
export const nodesQuery = (query: NodeQuery) =>
  queryOptions({
    queryKey: [liveKey, 'nodes', query],
    queryFn: ({ signal }) => api.listNodes({ query }, signal),
    refetchInterval: refetchIntervalMs,
  });

/** Saved lists of nodes: one's own and the shared ones. */
export const viewsQuery = queryOptions({
  queryKey: ['views'],
  queryFn: ({ signal }) => api.listViews({}, signal),
});

export const consoleQuery = (node: string) =>
  queryOptions({
    queryKey: [liveKey, 'console', node],
    queryFn: ({ signal }) => api.getConsole({ params: { node } }, signal),
    refetchInterval: refetchIntervalMs,
  });

export const nodeQuery = (node: string) =>
  queryOptions({
    queryKey: [liveKey, 'node', node],
    queryFn: ({ signal }) => api.getNode({ params: { node } }, signal),
    refetchInterval: refetchIntervalMs,
  });

/** The certificate authority, and how far its replacement is. */
export const authorityQuery = queryOptions({
  queryKey: [liveKey, 'authority'],
  queryFn: ({ signal }) => api.getAuthority({}, signal),
  refetchInterval: refetchIntervalMs,
});

/** How agents are reached over SSH. */
export const agentControlQuery = queryOptions({
  queryKey: [liveKey, 'agent-control'],
  queryFn: ({ signal }) => api.listAgentControl({}, signal),
});

export const servicesQuery = (node: string) =>
  queryOptions({
    queryKey: [liveKey, 'services', node],
    queryFn: ({ signal }) => api.listServices({ params: { node } }, signal),
    refetchInterval: refetchIntervalMs,
  });

export const certificatesQuery = (node: string) =>
  queryOptions({
    queryKey: [liveKey, 'certificates', node],
    queryFn: ({ signal }) => api.listCertificates({ params: { node } }, signal),
  });
