import type { NodeSortKey } from '@muster/api';
import { labelIn, sortKeys } from './node-fields.ts';
import type { NodeFilter, NodeSort } from './node-filter.ts';
import { parseNodeFilter } from './parse-node-filter.ts';

/** Either the parsed order and filters, or what is wrong with them, by member of the query. */
export type ParsedNodeQuery =
  | { readonly ok: true; readonly sort: readonly NodeSort[]; readonly filters: readonly NodeFilter[] }
  | { readonly ok: false; readonly errors: readonly { path: string; message: string }[] };

const maxSortKeys = 16;
const maxFilters = 50;

/** Reads `sort=health,-name` and `filter=health:bad`. Errors name the good keys and values, so nobody has to guess. */
export function parseNodeQuery(sort: string, filter: readonly string[]): ParsedNodeQuery {
  const errors: { path: string; message: string }[] = [];
  const words = sort.split(',').map((word) => word.trim());
  if (words.length > maxSortKeys) errors.push({ path: 'sort', message: `at most ${maxSortKeys} keys to sort by` });
  if (filter.length > maxFilters) errors.push({ path: 'filter', message: `at most ${maxFilters} filters` });
  if (errors.length > 0) return { ok: false, errors };
  const sorts = words.map((word) => parseSort(word, errors));
  const filters = filter.map((text) => {
    const parsed = parseNodeFilter(text);
    if (parsed.ok) return parsed.filter;
    errors.push({ path: 'filter', message: parsed.message });
    return undefined;
  });
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, sort: sorts.filter((one) => one !== undefined), filters: filters.filter((one) => one !== undefined) };
}

function parseSort(word: string, errors: { path: string; message: string }[]): NodeSort | undefined {
  const descending = word.startsWith('-');
  const name = descending ? word.slice(1) : word;
  if (isSortKey(name)) return { key: name, descending };
  errors.push({ path: 'sort', message: `"${name}" is not a key to sort by; good keys: ${sortKeys.join(', ')}, label.KEY` });
  return undefined;
}

const isSortKey = (word: string): word is NodeSortKey | `label.${string}` =>
  sortKeys.some((one) => one === word) || labelIn(word) !== undefined;
