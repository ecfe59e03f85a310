import type { OperationQuery, TaskQuery } from '@muster/api';
import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { liveKey, refetchIntervalMs } from './queries.ts';

export const operationsQuery = (query: OperationQuery) =>
  queryOptions({
    queryKey: [liveKey, 'operations', query],
    queryFn: ({ signal }) => api.listOperations({ query }, signal),
    refetchInterval: refetchIntervalMs,
  });

export const operationQuery = (id: string) =>
  queryOptions({
    queryKey: [liveKey, 'operation', id],
    queryFn: ({ signal }) => api.getOperation({ params: { id } }, signal),
    refetchInterval: refetchIntervalMs,
  });

export const operationTasksQuery = (id: string, query: TaskQuery) =>
  queryOptions({
    queryKey: [liveKey, 'operation-tasks', id, query],
    queryFn: ({ signal }) => api.listOperationTasks({ params: { id }, query }, signal),
    refetchInterval: refetchIntervalMs,
  });

export const operationResultsQuery = (id: string) =>
  queryOptions({
    queryKey: [liveKey, 'operation-results', id],
    queryFn: ({ signal }) => api.listOperationResults({ params: { id } }, signal),
    refetchInterval: refetchIntervalMs,
  });

export const nodeTasksQuery = (node: string, query: TaskQuery) =>
  queryOptions({
    queryKey: [liveKey, 'node-tasks', node, query],
    queryFn: ({ signal }) => api.listNodeTasks({ params: { node }, query }, signal),
    refetchInterval: refetchIntervalMs,
  });

/** The output of a task that has ended never changes. */
export const taskOutputQuery = (id: string) =>
  queryOptions({
    queryKey: ['task-output', id],
    queryFn: ({ signal }) => api.getTaskOutput({ params: { id } }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
