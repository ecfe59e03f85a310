import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { liveKey } from './queries.ts';

export const peopleQuery = queryOptions({
  queryKey: [liveKey, 'people'],
  queryFn: ({ signal }) => api.listPeople({}, signal),
});

export const ownKeysQuery = queryOptions({
  queryKey: ['own-keys'],
  queryFn: ({ signal }) => api.listOwnKeys({}, signal),
});

export const allKeysQuery = queryOptions({
  queryKey: ['all-keys'],
  queryFn: ({ signal }) => api.listKeys({}, signal),
});

export const twoFactorQuery = queryOptions({
  queryKey: ['two-factor'],
  queryFn: ({ signal }) => api.getTwoFactor({}, signal),
});

/** How people can sign in here. */
export const signInMethodsQuery = queryOptions({
  queryKey: ['sign-in-methods'],
  queryFn: ({ signal }) => api.getSignInMethods({}, signal),
  staleTime: 60_000,
});
