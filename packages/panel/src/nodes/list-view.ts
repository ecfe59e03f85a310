import { nodeFilterKeys, type NodeQuery } from '@muster/api';

/** What the list shows, as the address of the page says it. */
export type ListView = {
  /** As the API takes it: `name`, `-health`, `health,-lastHeartbeatAt`. */
  readonly sort: string;
  /** By key of the filter, `label.KEY` among them: what its value must be, as the API writes it. */
  readonly filters: Readonly<Record<string, string>>;
  /** Only nodes of this range; empty for all. */
  readonly range: string;
};

/** One key of an order. */
export type SortKey = { readonly key: string; readonly isDescending: boolean };

export const usualSort = 'name';

/** Reads the view from an address. Values of sort and filters go to the server as they are: it knows the good ones and names them. */
export function readListView(search: URLSearchParams): ListView {
  const filters: Record<string, string> = {};
  for (const [key, value] of search) if (isFilterKey(key) && value.trim() !== '') filters[key] = value.trim();
  return { sort: search.get('sort') ?? usualSort, filters, range: search.get('range')?.trim() ?? '' };
}

const isFilterKey = (key: string): boolean => nodeFilterKeys.some((one) => one === key) || key.startsWith('label.');

/** The address of a view, with everything left out that is as usual. */
export function writeListView(view: ListView): URLSearchParams {
  const search = new URLSearchParams(view.filters);
  if (view.range !== '') search.set('range', view.range);
  if (view.sort !== usualSort) search.set('sort', view.sort);
  return search;
}

/** The call that answers the view, but for which of its rows. */
export function nodeQueryOf({ sort, filters, range }: ListView): NodeQuery {
  const filter = Object.entries(filters).map(([key, value]) => `${key}:${value}`);
  // A range that no node passes together with the filters is an empty list; one that names nobody at all is a mistake, and the server says so.
  return { sort, filter, ...(range === '' ? {} : { range }) };
}

/** The keys of the order, the first one first. */
export function sortKeysOf(view: ListView): SortKey[] {
  return view.sort
    .split(',')
    .map((word) => (word.startsWith('-') ? { key: word.slice(1), isDescending: true } : { key: word, isDescending: false }));
}

const sortOf = (keys: readonly SortKey[]): string => keys.map(({ key, isDescending }) => `${isDescending ? '-' : ''}${key}`).join(',');

/** The view sorted by one key only. */
export const withSort = (view: ListView, key: string, isDescending: boolean): ListView => ({
  ...view,
  sort: sortOf([{ key, isDescending }]),
});

/**
 * The view after a click on a column. Alone: sorted by it, the other way round where it was already. With `isAdded` the keys before it
 * stay: a new one comes last, one that is there turns round and, turned a second time, goes.
 */
export function withSortClick(view: ListView, key: string, isAdded: boolean): ListView {
  const keys = sortKeysOf(view);
  const known = keys.find((one) => one.key === key);
  if (!isAdded) return withSort(view, key, known !== undefined && !known.isDescending && keys[0] === known);
  if (known === undefined) return { ...view, sort: sortOf([...keys, { key, isDescending: false }]) };
  const turned = known.isDescending ? [] : [{ key, isDescending: true }];
  const rest = keys.flatMap((one) => (one === known ? turned : [one]));
  return { ...view, sort: rest.length === 0 ? usualSort : sortOf(rest) };
}

/** The view with one filter set, or removed by an empty value. */
export function withFilter(view: ListView, key: string, value: string): ListView {
  const { [key]: _, ...rest } = view.filters;
  return { ...view, filters: value.trim() === '' ? rest : { ...rest, [key]: value.trim() } };
}

/** The view of only the nodes of a range; of all with an empty one. */
export const withRange = (view: ListView, range: string): ListView => ({ ...view, range: range.trim() });

/** The view without any filter. */
export const withoutFilters = (view: ListView): ListView => ({ ...view, filters: {}, range: '' });

/** Whether the view leaves nodes out. */
export const hasFilters = (view: ListView): boolean => Object.keys(view.filters).length > 0 || view.range !== '';

/** The view of a query that somebody saved. */
export function viewOfQuery({ sort, filter, range }: { sort: string; filter: readonly string[]; range: string | null }): ListView {
  const filters = filter.map((text) => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)] as const);
  return { sort, filters: Object.fromEntries(filters), range: range ?? '' };
}
