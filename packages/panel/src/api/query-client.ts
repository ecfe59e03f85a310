import { QueryCache, QueryClient } from '@tanstack/react-query';
import { isPassing, isSignedOut } from './describe-error.ts';
import { sessionQuery } from './queries.ts';

/**
 * The cache of everything shown. A call that failed in passing is repeated until it succeeds, with the old data left on screen;
 * any other error is final. An answer that says "not signed in" ends the session here too, which leads to the sign-in page.
 */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (isSignedOut(error)) client.setQueryData(sessionQuery.queryKey, null);
      },
    }),
    defaultOptions: {
      queries: {
        retry: (_, error) => isPassing(error),
        retryDelay: 2_000,
        // The server may be this very machine, reachable while the browser believes itself offline.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
  return client;
}
