import type { FetchLike } from '@muster/api';
import { serverFetch } from './server-fetch.ts';

/** The client's `fetch` through the Unix socket of the server on this machine. @throws CliError where the server is not reached */
export const unixFetch = (socketPath: string): FetchLike => serverFetch(async () => ({ kind: 'socket', socketPath }));
