import type { Node, NodeQuery } from '@muster/api';
import { api } from '../../api/client.ts';
import { rowAt, type NodeWindow } from './node-window.ts';

/** As many rows as one call gives. */
const mostRows = 1_000;

/** The rows from one to another, both included, whether or not they were on screen; in order, without those that are gone meanwhile. */
export async function nodesBetween(query: NodeQuery, window: NodeWindow, from: number, to: number): Promise<Node[]> {
  const first = Math.min(from, to);
  const count = Math.abs(from - to) + 1;
  const here = Array.from({ length: Math.min(count, mostRows) }, (_, at) => rowAt(window, first + at)?.node);
  if (count <= mostRows && here.every((node) => node !== undefined)) return here;
  const found: Node[] = [];
  for (let offset = first; offset < first + count; offset += mostRows) {
    const { items } = await api.listNodes({ query: { ...query, offset, limit: Math.min(mostRows, first + count - offset) } });
    found.push(...items);
    if (items.length === 0) break;
  }
  return found;
}
