import { createClient, type FetchLike } from '@muster/api';

/** After this long a call counts as failed: a cut network would otherwise hold it, and the banner, for minutes. */
const callTimeoutMs = 10_000;

const browserFetch: FetchLike = (url, init) => {
  const timeout = AbortSignal.timeout(callTimeoutMs);
  const signal = init.signal === undefined ? timeout : AbortSignal.any([init.signal, timeout]);
  return fetch(url, { ...init, credentials: 'same-origin', cache: 'no-store', signal });
};

/** The typed client of the server that served this page. */
export const api = createClient('', browserFetch);
