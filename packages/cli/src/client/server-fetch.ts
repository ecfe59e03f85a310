import type { FetchLike } from '@muster/api';
import { explainConnection } from './explain-connection.ts';
import { openRequest, type Way } from './way.ts';

/**
 * The client's `fetch` on a way. `onCookies` hears of the cookies of an answer.
 * @throws CliError where the server is not reached
 */
export function serverFetch(findWay: () => Promise<Way>, onCookies: (setCookies: readonly string[]) => void = () => undefined): FetchLike {
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
          onCookies(response.headers['set-cookie'] ?? []);
          resolve({ status: response.statusCode ?? 0, text: async () => Buffer.concat(chunks).toString('utf8') });
        });
      });
      call.on('error', fail);
      call.end(body);
    });
  };
}
