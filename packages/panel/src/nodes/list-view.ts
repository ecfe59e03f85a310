import type { NodeFilterKey, NodeQuery } from '@muster/api';

/** What the list shows, as the address of the page says it. */
export type ListView = {
  /** As the API takes it: `name`, `-health`, `health,-lastHeartbeatAt`. */
  readonly sort: string;
  readonly filters: Partial<Record<NodeFilterKey, string>>;
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
};

export const pageSizes = [25, 50, 100] as const;
const defaultPageSize = 50;
const defaultSort = 'name';

/** Filters as the page offers them. `health` is chosen in the summary above the list. */
export const filterTitles: Record<NodeFilterKey, string> = {
  name: 'Name',
  privateIp: 'Private IP',
  publicIp: 'Public IP',
  health: 'Health',
  registration: 'Registration',
  environments: 'Environments',
  group: 'Group',
  connected: 'Connected',
};
const filterKeys = Object.keys(filterTitles) as NodeFilterKey[];

/** Reads the view from an address. Values of sort and filters go to the server as they are: it knows the good ones and names them. */
export function readListView(search: URLSearchParams): ListView {
  const filters: ListView['filters'] = {};
  for (const key of filterKeys) {
    const value = search.get(key)?.trim() ?? '';
    if (value !== '') filters[key] = value;
  }
  const page = Number(search.get('page') ?? 1);
  const perPage = Number(search.get('perPage') ?? defaultPageSize);
  return {
    sort: search.get('sort') ?? defaultSort,
    filters,
    page: Number.isSafeInteger(page) && page >= 1 ? page : 1,
    perPage: pageSizes.find((size) => size === perPage) ?? defaultPageSize,
  };
}

/** The address of a view, with everything left out that is as usual. */
export function writeListView(view: ListView): URLSearchParams {
  const search = new URLSearchParams();
  for (const key of filterKeys) {
    const value = view.filters[key];
    if (value !== undefined && value !== '') search.set(key, value);
  }
  if (view.sort !== defaultSort) search.set('sort', view.sort);
  if (view.page !== 1) search.set('page', String(view.page));
  if (view.perPage !== defaultPageSize) search.set('perPage', String(view.perPage));
  return search;
}

/** The call that answers the view. */
export function nodeQueryOf(view: ListView): NodeQuery {
  const filter = Object.entries(view.filters).map(([key, value]) => `${key}:${value}`);
  return { sort: view.sort, filter, limit: view.perPage, offset: (view.page - 1) * view.perPage };
}

/** First sort key and its direction: what the table's head shows. */
export function sortOf(view: ListView): { key: string; isDescending: boolean } {
  const first = view.sort.split(',', 1)[0] ?? defaultSort;
  return first.startsWith('-') ? { key: first.slice(1), isDescending: true } : { key: first, isDescending: false };
}

/** The view sorted otherwise, from its first page. */
export const withSort = (view: ListView, key: string, isDescending: boolean): ListView => ({
  ...view,
  sort: `${isDescending ? '-' : ''}${key}`,
  page: 1,
});

/** The view with one filter set, or removed by an empty value; from its first page. */
export function withFilter(view: ListView, key: NodeFilterKey, value: string): ListView {
  const { [key]: _, ...rest } = view.filters;
  return { ...view, filters: value.trim() === '' ? rest : { ...rest, [key]: value.trim() }, page: 1 };
}

/** The view without any filter, from its first page. */
export const withoutFilters = (view: ListView): ListView => ({ ...view, filters: {}, page: 1 });

/** The last page there is; 1 for an empty list. */
export const lastPage = (total: number, perPage: number): number => Math.max(1, Math.ceil(total / perPage));
