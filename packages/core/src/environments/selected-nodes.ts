import { expandRange, NodeRangeError, type RangeWorld } from '../range/index.ts';
import type { PicturedNode } from './picture.ts';

/** The nodes that are to have an environment, or why nobody can say. */
export type Selection = { readonly ids: ReadonlySet<string> } | { readonly problem: string };

export type SelectableNode = Pick<PicturedNode, 'id' | 'name' | 'groups' | 'labels'>;

/**
 * The nodes of a selector; all without one. Names, groups and labels count, nothing that a node reports: an environment must not come and go with
 * a node's health. A selector that cannot be read selects neither nobody nor everybody: nothing is done until it is mended.
 */
export function selectedNodes(selector: string | null, nodes: readonly SelectableNode[]): Selection {
  if (selector === null) return { ids: new Set(nodes.map(({ id }) => id)) };
  try {
    const names = new Set(expandRange(selector, worldOf(nodes), { allowEmpty: true }));
    return { ids: new Set(nodes.filter(({ name }) => names.has(name)).map(({ id }) => id)) };
  } catch (error) {
    if (error instanceof NodeRangeError) return { problem: error.message };
    throw error;
  }
}

/** The nodes as ranges see them here. */
export function worldOf(nodes: readonly SelectableNode[]): RangeWorld {
  const groups = new Map<string, string[]>();
  for (const { name, groups: its } of nodes) for (const group of its) groups.set(group, [...(groups.get(group) ?? []), name]);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return {
    names: nodes.map(({ name }) => name),
    groups,
    attributeOf: (name, attribute) =>
      attribute.startsWith('label.') ? byName.get(name)?.labels[attribute.slice('label.'.length)] : undefined,
  };
}
