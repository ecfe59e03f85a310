import { type Client, maxRangeInQuery, type Node, type NodeQuery } from '@muster/api';
import type { GivenRange } from './given-range.ts';

/** Which nodes, and in which order. */
export type Selection = {
  readonly sort: string;
  readonly filter: readonly string[];
  readonly range: GivenRange | undefined;
  readonly allowEmpty: boolean;
};

const pageSize = 1000;

/** All nodes of a selection, whole, however many pages that takes and however long the range is. */
export async function selectNodes(client: Client, { range, ...rest }: Selection): Promise<Node[]> {
  if (range === undefined) return readPages(client, rest);
  return range.ask(async (text) => {
    if (text.length <= maxRangeInQuery) return readPages(client, { ...rest, range: text });
    // Longer than an address can be: the names are asked for by themselves, and the list is read without the range.
    const { names } = await client.expandRange({ body: { range: text, allowEmpty: rest.allowEmpty } });
    const wanted = new Set(names);
    return (await readPages(client, rest)).filter(({ name }) => wanted.has(name));
  });
}

type Pages = Omit<Selection, 'range'> & { readonly range?: string };

async function readPages(client: Client, { sort, filter, range, allowEmpty }: Pages): Promise<Node[]> {
  const query: Partial<NodeQuery> = {
    sort,
    filter: [...filter],
    ...(range === undefined ? {} : { range, allowEmpty: allowEmpty ? 'true' : 'false' }),
  };
  const nodes: Node[] = [];
  for (;;) {
    const page = await client.listNodes({ query: { ...query, limit: pageSize, offset: nodes.length } });
    nodes.push(...page.items);
    if (page.items.length === 0 || nodes.length >= page.total) return nodes;
  }
}
