import type { ServerResponse } from 'node:http';

const limitMs = 10_000;

/** Resolves when what was written has been read so far that more may follow, when the connection is over, or after ten seconds. */
export function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed || !response.writableNeedDrain) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  response.once('drain', resolve).once('close', resolve);
  return promise.finally(() => {
    clearTimeout(timer);
    response.off('drain', resolve).off('close', resolve);
  });
}
