import { problem } from '@muster/api';
import { nodeCsvHeader, nodeCsvLine, parseNodeQuery } from '@muster/core';
import type { NodeSelection, Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import { meantByRange } from '../ranges/resolve-range.ts';

type ListParts = { readonly store: Pick<Store, 'nodes'>; readonly now: () => Date };

/** Of a query, what says which nodes and in which order. */
type Asked = {
  readonly sort: string;
  readonly filter: readonly string[];
  readonly range?: string | undefined;
  readonly allowEmpty: 'true' | 'false';
};

/** Nodes that are read at a time for a long answer. */
const pageSize = 500;

export function nodeListHandlers({ store, now }: ListParts): Pick<Handlers, 'listNodes' | 'exportNodes'> {
  return {
    listNodes: async ({ query }) => {
      const { limit, offset } = query;
      return store.nodes.list({ ...(await selectionOf(store, query)), limit, offset });
    },
    exportNodes: async ({ query, setFile }) => {
      const ids = await store.nodes.ids(await selectionOf(store, query));
      const isCsv = query.format === 'csv';
      setFile(
        isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/json',
        `nodes-${now().toISOString().slice(0, 10)}.${query.format}`,
      );
      return isCsv ? csvPieces(store, ids, now().getTime()) : jsonPieces(store, ids);
    },
  };
}

/** @throws ProblemError `invalid-request` that names what is wrong and what is good */
async function selectionOf(store: ListParts['store'], { sort, filter, range, allowEmpty }: Asked): Promise<NodeSelection> {
  const parsed = parseNodeQuery(sort, filter);
  if (!parsed.ok) throw problem('invalid-request', parsed.errors.map((error) => error.message).join('; '), [...parsed.errors]);
  const { sort: sorts, filters } = parsed;
  if (range === undefined) return { sort: sorts, filters };
  const meant = await meantByRange(store, range, { allowEmpty: allowEmpty === 'true' });
  return { sort: sorts, filters, ids: meant.map(({ id }) => id) };
}

async function* pagesOf(store: ListParts['store'], ids: readonly string[]) {
  for (let at = 0; at < ids.length; at += pageSize) yield store.nodes.byIds(ids.slice(at, at + pageSize));
}

async function* csvPieces(store: ListParts['store'], ids: readonly string[], nowMs: number): AsyncGenerator<string> {
  yield nodeCsvHeader();
  for await (const page of pagesOf(store, ids)) yield page.map((node) => nodeCsvLine(node, nowMs)).join('');
}

async function* jsonPieces(store: ListParts['store'], ids: readonly string[]): AsyncGenerator<string> {
  let before = '[';
  for await (const page of pagesOf(store, ids)) {
    for (const node of page) {
      yield `${before}\n${JSON.stringify(node)}`;
      before = ',';
    }
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}
