import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { liveKey } from './queries.ts';

export const webhooksQuery = queryOptions({
  queryKey: [liveKey, 'webhooks'],
  queryFn: ({ signal }) => api.listWebhooks({}, signal),
});

export const subscriptionsQuery = queryOptions({
  queryKey: [liveKey, 'subscriptions'],
  queryFn: ({ signal }) => api.listSubscriptions({}, signal),
});
