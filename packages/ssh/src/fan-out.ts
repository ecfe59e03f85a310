/** What became of one item of a {@link fanOut}. */
export type FanOutResult<Item, Value> =
  | { readonly item: Item; readonly status: 'done'; readonly value: Value }
  | { readonly item: Item; readonly status: 'failed'; readonly error: unknown }
  | { readonly item: Item; readonly status: 'notStarted' };

/**
 * Runs `worker` over all items, at most `limit` at a time, started in order. The results stand in the order of the items.
 * One failure never stops the others, and the promise itself never rejects because of a worker.
 *
 * After an abort no further item starts (`notStarted`); those that run get the same signal and decide for themselves.
 * Throws a `RangeError` when `limit` is not a positive whole number.
 */
export async function fanOut<Item, Value>(
  items: readonly Item[],
  limit: number,
  worker: (item: Item, index: number) => Promise<Value>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FanOutResult<Item, Value>[]> {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RangeError(`the number of hosts at a time must be a whole number from 1, not ${limit}`);
  }
  const results: FanOutResult<Item, Value>[] = items.map((item) => ({ item, status: 'notStarted' }));
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (options.signal?.aborted === true) {
        return;
      }
      results[index] = await settle(item, index, worker);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
}

async function settle<Item, Value>(
  item: Item,
  index: number,
  worker: (item: Item, index: number) => Promise<Value>,
): Promise<FanOutResult<Item, Value>> {
  try {
    return { item, status: 'done', value: await worker(item, index) };
  } catch (error) {
    return { item, status: 'failed', error };
  }
}
