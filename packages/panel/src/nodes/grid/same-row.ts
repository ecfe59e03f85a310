import type { Node } from '@muster/api';

/** Members that change with every heartbeat, and that only one column shows. */
const restless: ReadonlySet<string> = new Set([
  'heartbeatAgeSeconds',
  'lastHeartbeatAt',
  'clockSkewSeconds',
  'updatedAt',
] satisfies (keyof Node)[]);

/**
 * Whether two answers about a node fill its row alike, but for the age of its heartbeat. The cache keeps inner objects that did not change, so
 * comparing references is enough: a false "no" costs one rendering, a false "yes" cannot happen.
 */
export function isSameRow(left: Node, right: Node): boolean {
  return (Object.keys(right) as (keyof Node)[]).every((key) => restless.has(key) || Object.is(left[key], right[key]));
}
