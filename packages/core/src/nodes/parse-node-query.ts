import { nodeFilterKeys, nodeSortKeys, type NodeFilterKey, type NodeSortKey } from '@muster/api';

export type NodeSort = { readonly key: NodeSortKey; readonly descending: boolean };
export type NodeFilter = { readonly key: NodeFilterKey; readonly value: string };

/** Either the parsed order and filters, or what is wrong with them, by member of the query. */
export type ParsedNodeQuery =
  | { readonly ok: true; readonly sort: readonly NodeSort[]; readonly filters: readonly NodeFilter[] }
  | { readonly ok: false; readonly errors: readonly { path: string; message: string }[] };

const choices: Partial<Record<NodeFilterKey, readonly string[]>> = {
  registration: ['pending', 'registered'],
  health: ['good', 'degraded', 'bad', 'unknown'],
  environments: ['on', 'off'],
  connected: ['true', 'false'],
};

/** Reads `sort=health,-name` and `filter=health:bad`. Errors name the good keys and values, so nobody has to guess. */
export function parseNodeQuery(sort: string, filter: readonly string[]): ParsedNodeQuery {
  const errors: { path: string; message: string }[] = [];
  const sorts = sort.split(',').map((word) => parseSort(word.trim(), errors));
  const filters = filter.map((text) => parseFilter(text, errors));
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, sort: sorts.filter((one) => one !== undefined), filters: filters.filter((one) => one !== undefined) };
}

function parseSort(word: string, errors: { path: string; message: string }[]): NodeSort | undefined {
  const descending = word.startsWith('-');
  const name = descending ? word.slice(1) : word;
  const key = nodeSortKeys.find((one) => one === name);
  if (key === undefined) {
    errors.push({ path: 'sort', message: `"${name}" is not a key to sort by; good keys: ${nodeSortKeys.join(', ')}` });
    return undefined;
  }
  return { key, descending };
}

function parseFilter(text: string, errors: { path: string; message: string }[]): NodeFilter | undefined {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const value = colon < 0 ? '' : text.slice(colon + 1);
  const key = nodeFilterKeys.find((one) => one === name);
  if (key === undefined) {
    errors.push({ path: 'filter', message: `"${name}" is not a key to filter by; good keys: ${nodeFilterKeys.join(', ')}` });
    return undefined;
  }
  const good = choices[key];
  if (value === '' || (good !== undefined && !good.includes(value))) {
    const shape = good === undefined ? `${key}:VALUE` : good.map((one) => `${key}:${one}`).join(', ');
    errors.push({ path: 'filter', message: `"${text}" is not a filter; good ones: ${shape}` });
    return undefined;
  }
  return { key, value };
}
