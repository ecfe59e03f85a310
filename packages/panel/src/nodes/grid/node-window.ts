import type { Node, NodeList } from '@muster/api';

/** Rows that one call asks for. */
export const pageRows = 100;

/** Rows from `first` to `last`, both included, counted from 0. */
export type RowSpan = { readonly first: number; readonly last: number };

/** The pages that rows stand on, counted from 0. */
export function pagesOf({ first, last }: RowSpan): number[] {
  const from = Math.floor(Math.max(0, first) / pageRows);
  const until = Math.floor(Math.max(0, first, last) / pageRows);
  return Array.from({ length: until - from + 1 }, (_, at) => from + at);
}

/** A part of the list as the server last gave it. */
export type NodeWindow = {
  /** Which view it answers. */
  readonly viewKey: string;
  readonly total: number;
  readonly pages: ReadonlyMap<number, { readonly items: readonly Node[]; readonly answeredAtMs: number }>;
};

/** The node in a row and when the server told of it; undefined where the row is not here yet. */
export function rowAt({ pages }: NodeWindow, index: number): { node: Node; answeredAtMs: number } | undefined {
  const page = pages.get(Math.floor(index / pageRows));
  const node = page?.items[index % pageRows];
  return page === undefined || node === undefined ? undefined : { node, answeredAtMs: page.answeredAtMs };
}

/** The answers to the calls for some pages; undefined where there is none yet. */
export type PageAnswers = { readonly lists: readonly (NodeList | undefined)[]; readonly answeredAtMs: readonly number[] };

/**
 * What the answers say of the view. The newest one knows the total best; while none is here, the total of `before` holds if it is of
 * the same view. Undefined where nothing is known of the view.
 */
export function windowOf(
  viewKey: string,
  pages: readonly number[],
  answers: PageAnswers,
  before: NodeWindow | undefined,
): NodeWindow | undefined {
  const found = pages.flatMap((page, at) => {
    const list = answers.lists[at];
    return list === undefined ? [] : [{ page, list, answeredAtMs: answers.answeredAtMs[at] ?? 0 }];
  });
  const known = before?.viewKey === viewKey ? before.total : undefined;
  const newest = found.reduce<(typeof found)[number] | undefined>(
    (best, one) => (best === undefined || one.answeredAtMs > best.answeredAtMs ? one : best),
    undefined,
  );
  const total = newest?.list.total ?? known;
  if (total === undefined) return undefined;
  return {
    viewKey,
    total,
    pages: new Map(found.map(({ page, list, answeredAtMs }) => [page, { items: list.items, answeredAtMs }])),
  };
}
