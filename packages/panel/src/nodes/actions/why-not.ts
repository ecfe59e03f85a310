import type { Node } from '@muster/api';
import { refusalOf, type Actor, type NodeAction } from '@muster/core';

/**
 * Why an action cannot be asked of the nodes together, in words; undefined where it can. One node that refuses is enough: the server
 * refuses the whole request too, never a part of it.
 */
export function whyNot(actor: Actor, action: NodeAction, nodes: readonly Node[]): string | undefined {
  if (nodes.length === 0) return 'Select nodes first.';
  const refusals = nodes.flatMap((node) => refusalOf(actor, action, node) ?? []);
  const [first] = refusals;
  if (first === undefined) return undefined;
  const others = refusals.filter((one) => one !== first).length;
  return others === 0 ? first : `${first} The same goes for ${others} more of the ${nodes.length} selected.`;
}
