import { dataAgeHeader, type FetchLike } from '@muster/api';
import { explainConnection } from './explain-connection.ts';
import { openRequest, type Way } from './way.ts';

export type Hearing = {
  /** Hears of the cookies of each answer. */
  readonly onCookies?: (setCookies: readonly string[]) => void;
  /** Hears of an answer that was read from a copy of the database, with how old it may be, seconds. */
  readonly onAge?: (seconds: number) => void;
};

/**
 * The client's `fetch` on a way.
 * @throws CliError where the server is not reached
 */
export function serverFetch(findWay: () => Promise<Way>, { onCookies, onAge }: Hearing = {}): FetchLike {
  return async (url, { method, headers, body, signal }) => {
    const way = await findWay();
    const wish = { method, path: url, headers, ...(signal === undefined ? {} : { signal }) };
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown) => reject(explainConnection(cause, way));
      const call = openRequest(way, wish, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          onCookies?.(response.headers['set-cookie'] ?? []);
          const age = response.headers[dataAgeHeader];
          if (typeof age === 'string') onAge?.(Number(age));
          resolve({ status: response.statusCode ?? 0, text: async () => Buffer.concat(chunks).toString('utf8') });
        });
      });
      call.on('error', fail);
      call.end(body);
    });
  };
}
