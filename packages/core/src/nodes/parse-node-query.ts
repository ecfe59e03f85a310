import type { NodeFilterKey, NodeSortKey } from '@muster/api';

export type NodeSort = { readonly key: NodeSortKey; readonly descending: boolean };
export type NodeFilter = { readonly key: NodeFilterKey; readonly value: string };

/** Either the parsed order and filters, or what is wrong with them, by member of the query. */
export type ParsedNodeQuery =
  | { readonly ok: true; readonly sort: readonly NodeSort[]; readonly filters: readonly NodeFilter[] }
  | { readonly ok: false; readonly errors: readonly { path: string; message: string }[] };

/* As records, because the compiler then finds a key of the wire that is missing here, and one that the wire does not have. */
const sortKeys = Object.keys({
  name: true,
  privateIp: true,
  publicIp: true,
  registration: true,
  health: true,
  lastHeartbeatAt: true,
  cores: true,
  memoryBytes: true,
  gpus: true,
  environments: true,
  createdAt: true,
} satisfies Record<NodeSortKey, true>) as NodeSortKey[];

/** The values of a key that has only a few; null where any text will do. */
const choices: Readonly<Record<NodeFilterKey, readonly string[] | null>> = {
  name: null,
  privateIp: null,
  publicIp: null,
  registration: ['pending', 'registered'],
  health: ['good', 'degraded', 'bad', 'unknown'],
  environments: ['on', 'off'],
  group: null,
  connected: ['true', 'false'],
};
const filterKeys = Object.keys(choices) as NodeFilterKey[];

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
  const key = sortKeys.find((one) => one === name);
  if (key === undefined) {
    errors.push({ path: 'sort', message: `"${name}" is not a key to sort by; good keys: ${sortKeys.join(', ')}` });
    return undefined;
  }
  return { key, descending };
}

function parseFilter(text: string, errors: { path: string; message: string }[]): NodeFilter | undefined {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const value = colon < 0 ? '' : text.slice(colon + 1);
  const key = filterKeys.find((one) => one === name);
  if (key === undefined) {
    errors.push({ path: 'filter', message: `"${name}" is not a key to filter by; good keys: ${filterKeys.join(', ')}` });
    return undefined;
  }
  const good = choices[key];
  if (value === '' || (good !== null && !good.includes(value))) {
    const shape = good === null ? `${key}:VALUE` : good.map((one) => `${key}:${one}`).join(', ');
    errors.push({ path: 'filter', message: `"${text}" is not a filter; good ones: ${shape}` });
    return undefined;
  }
  return { key, value };
}
