import type { Node } from '@muster/api';
import { useCallback, useMemo, useState } from 'react';

/** The nodes that are chosen, across all that is scrolled, filtered and sorted away. */
export type Selection = {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly has: (id: string) => boolean;
  readonly toggle: (node: Node) => void;
  readonly add: (nodes: readonly Node[]) => void;
  /** Takes the newest word on nodes that are chosen. */
  readonly refresh: (nodes: readonly Node[]) => void;
  readonly clear: () => void;
};

/** The chosen nodes of the page, by id: a node that is renamed stays chosen. */
export function useSelection(): Selection {
  const [nodes, setNodes] = useState<ReadonlyMap<string, Node>>(new Map());
  const toggle = useCallback((node: Node) => setNodes((before) => toggled(before, node)), []);
  const add = useCallback(
    (more: readonly Node[]) => setNodes((before) => new Map([...before, ...more.map((node) => [node.id, node] as const)])),
    [],
  );
  const refresh = useCallback((newer: readonly Node[]) => setNodes((before) => refreshed(before, newer)), []);
  const clear = useCallback(() => setNodes(new Map()), []);
  return useMemo(() => ({ nodes, has: (id: string) => nodes.has(id), toggle, add, refresh, clear }), [nodes, toggle, add, refresh, clear]);
}

function toggled(before: ReadonlyMap<string, Node>, node: Node): ReadonlyMap<string, Node> {
  const next = new Map(before);
  if (!next.delete(node.id)) next.set(node.id, node);
  return next;
}

function refreshed(before: ReadonlyMap<string, Node>, newer: readonly Node[]): ReadonlyMap<string, Node> {
  const changed = newer.filter((node) => before.has(node.id) && before.get(node.id) !== node);
  return changed.length === 0 ? before : new Map([...before, ...changed.map((node) => [node.id, node] as const)]);
}
