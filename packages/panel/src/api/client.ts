import { createClient, type FetchLike } from '@muster/api';
import { noteDataAge } from './data-age.ts';

/** After this long a call counts as failed: a cut network would otherwise hold it, and the banner, for minutes. */
const callTimeoutMs = 10_000;

const browserFetch: FetchLike = async (url, init) => {
  const timeout = AbortSignal.timeout(callTimeoutMs);
  const signal = init.signal === undefined ? timeout : AbortSignal.any([init.signal, timeout]);
  const answer = await fetch(url, { ...init, credentials: 'same-origin', cache: 'no-store', signal });
  if (init.method === 'GET' && answer.ok) noteDataAge(answer.headers, Date.now());
  return answer;
};

/** The typed client of the server that served this page. */
export const api = createClient('', browserFetch);
