import { problem, type Node } from '@muster/api';
import { parseNodeQuery, selectNodes } from '@muster/core';
import { nodesOfRange } from './range.ts';
import type { FakeWorld } from './world.ts';

type Query = { sort: string; filter: string[]; range?: string; allowEmpty: string };

/** Filters and sorts as the server does; a bad key is an error that names the good ones. */
export function selectedNodes(world: FakeWorld, query: Query): Node[] {
  const parsed = parseNodeQuery(query.sort, query.filter);
  if (!parsed.ok) throw problem('invalid-request', 'The list cannot be made so.', [...parsed.errors]);
  const among = query.range === undefined ? world.nodes : nodesOfRange(world, query.range, query.allowEmpty === 'true');
  return selectNodes(
    among.map(({ node }) => node),
    parsed.sort,
    parsed.filters,
    Date.now(),
  );
}
