import { problem } from '@muster/api';
import { expandRange, NodeRangeError, nodeWorld, worldNodeOf } from '@muster/core';
import type { FakeNode } from './fake-nodes.ts';
import type { FakeWorld } from './world.ts';

/** The nodes of a range; an error says where it is wrong, as the server does. */
export function nodesOfRange(world: FakeWorld, range: string, allowEmpty = false): FakeNode[] {
  const byName = new Map(world.nodes.map((one) => [one.node.name, one]));
  const nodes = [...byName.values()].map(({ node }) => worldNodeOf(node, Date.now()));
  try {
    return expandRange(range, nodeWorld(nodes), { allowEmpty }).flatMap((name) => byName.get(name) ?? []);
  } catch (error) {
    if (!(error instanceof NodeRangeError)) throw error;
    const { offset, length, message } = error;
    throw problem('invalid-request', message, [{ path: 'range', message, offset, length }]);
  }
}
