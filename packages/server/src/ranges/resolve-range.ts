import { type Node, problem, type ProblemError } from '@muster/api';
import { askedBy, expandRange, NodeRangeError, nodeWorld, parseRange } from '@muster/core';
import type { MeantNode, Store } from '@muster/store';

export type RangeOptions = {
  /** Whether the range may match nothing. */
  readonly allowEmpty?: boolean;
  /** The member of the request that holds the range, for errors. */
  readonly path?: string;
};

/**
 * The nodes that a range names now, by id and name, in natural order. Only what the range asks for is read. Never fewer than were asked for.
 * @throws ProblemError `invalid-request`, with the place in the range
 */
export async function meantByRange(
  store: Pick<Store, 'nodes'>,
  range: string,
  { allowEmpty = false, path = 'range' }: RangeOptions = {},
): Promise<MeantNode[]> {
  const ast = clear(path, () => parseRange(range));
  const rows = await store.nodes.world(askedBy(ast));
  const names = clear(path, () => expandRange(range, nodeWorld(rows), { allowEmpty }));
  const ids = new Map(rows.map(({ id, name }) => [name, id]));
  return names.flatMap((name) => {
    const id = ids.get(name);
    return id === undefined ? [] : [{ id, name }];
  });
}

/** The nodes that a range names now, whole, in natural order. @throws ProblemError `invalid-request`, with the place in the range */
export async function resolveRange(store: Pick<Store, 'nodes'>, range: string, options: RangeOptions = {}): Promise<Node[]> {
  const meant = await meantByRange(store, range, options);
  return store.nodes.byIds(meant.map(({ id }) => id));
}

function clear<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof NodeRangeError) throw rangeProblem(error, path);
    throw error;
  }
}

/** What is wrong with a range, and where in it. */
const rangeProblem = (error: NodeRangeError, path: string): ProblemError =>
  problem('invalid-request', error.describe(), [{ path, message: error.message, offset: error.offset, length: error.length }], {
    cause: error,
  });
