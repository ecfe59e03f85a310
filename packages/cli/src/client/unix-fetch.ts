import { request } from 'node:http';
import type { FetchLike } from '@muster/api';

/** The client's `fetch` through the Unix socket of the server on this machine. */
export function unixFetch(socketPath: string): FetchLike {
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const call = request(
        { socketPath, path: url, method, headers: { ...headers, host: 'localhost' }, ...(signal === undefined ? {} : { signal }) },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text: async () => Buffer.concat(chunks).toString('utf8') }));
        },
      );
      call.on('error', reject);
      call.end(body);
    });
}
