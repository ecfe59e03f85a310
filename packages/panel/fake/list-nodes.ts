import { nodeFilterKeys, nodeSortKeys, problem, type Node, type NodeFilterKey, type NodeSortKey } from '@muster/api';

type Value = string | number | null;
const healthOrder = ['bad', 'degraded', 'unknown', 'good'];

const sortValue: Record<NodeSortKey, (node: Node) => Value> = {
  name: (node) => node.name,
  privateIp: (node) => node.privateIp,
  publicIp: (node) => node.publicIp,
  registration: (node) => node.registration,
  health: (node) => healthOrder.indexOf(node.health.state),
  lastHeartbeatAt: (node) => (node.heartbeatAgeSeconds === null ? null : -node.heartbeatAgeSeconds),
  cores: (node) => node.facts?.cores ?? null,
  memoryBytes: (node) => node.facts?.memoryBytes ?? null,
  gpus: (node) => node.facts?.gpus.length ?? null,
  environments: (node) => node.environments,
  createdAt: (node) => node.createdAt,
};

const passes: Record<NodeFilterKey, (node: Node, value: string) => boolean> = {
  name: (node, value) => node.name.includes(value.toLowerCase()),
  privateIp: (node, value) => node.privateIp?.includes(value) ?? false,
  publicIp: (node, value) => node.publicIp?.includes(value) ?? false,
  registration: (node, value) => node.registration === value,
  health: (node, value) => node.health.state === value,
  environments: (node, value) => node.environments === value,
  group: (node, value) => node.groups.includes(value),
  connected: (node, value) => String(node.connected) === value,
};

const isSortKey = (key: string): key is NodeSortKey => (nodeSortKeys as readonly string[]).includes(key);
const isFilterKey = (key: string): key is NodeFilterKey => (nodeFilterKeys as readonly string[]).includes(key);

function compare(left: Value, right: Value): number {
  if (left === right) return 0;
  if (left === null) return 1;
  if (right === null) return -1;
  return left < right ? -1 : 1;
}

/** Filters, sorts and pages as the server does; a bad key is an error that names the good ones. */
export function listNodes(nodes: readonly Node[], query: { sort: string; filter: string[]; limit: number; offset: number }) {
  const filters = query.filter.map((one) => {
    const [key = '', ...value] = one.split(':');
    if (!isFilterKey(key)) throw problem('invalid-request', `"${key}" is no filter. Filters are: ${nodeFilterKeys.join(', ')}.`);
    return (node: Node) => passes[key](node, value.join(':'));
  });
  const sorts = query.sort.split(',').map((one) => {
    const isDescending = one.startsWith('-');
    const key = isDescending ? one.slice(1) : one;
    if (!isSortKey(key)) throw problem('invalid-request', `"${key}" is no sort key. Sort keys are: ${nodeSortKeys.join(', ')}.`);
    return (left: Node, right: Node) => compare(sortValue[key](left), sortValue[key](right)) * (isDescending ? -1 : 1);
  });
  const found = nodes.filter((node) => filters.every((pass) => pass(node)));
  found.sort(
    (left, right) => sorts.reduce((order, sort) => (order === 0 ? sort(left, right) : order), 0) || compare(left.name, right.name),
  );
  return { items: found.slice(query.offset, query.offset + query.limit), total: found.length };
}
