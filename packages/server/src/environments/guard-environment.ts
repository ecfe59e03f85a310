import { type Node, problem, type Session } from '@muster/api';
import { selectedNodes } from '@muster/core';
import type { Store } from '@muster/store';
import { refuseNodes } from '../handlers/refuse-nodes.ts';

/** Every node, for a question about all of them. */
async function everyNode(store: Pick<Store, 'nodes'>): Promise<Node[]> {
  return (await store.nodes.list({ sort: [], filters: [], limit: 1_000_000, offset: 0 })).items;
}

/**
 * The selector with which somebody may make or change an environment. It has to be readable now, and every node that it names, or that the environment had
 * before, has to be his to act on. Of an account that is limited to groups the selector is kept within them for good, so that nodes that come
 * later cannot be another group's. @throws ProblemError
 */
export async function guardedSelector(
  store: Pick<Store, 'nodes'>,
  session: Session | undefined,
  selector: string | null,
  before?: string | null,
): Promise<{ readonly selector: string | null; readonly by: string }> {
  const nodes = await everyNode(store);
  const concerned = new Set(idsOf(selector, nodes));
  // What is taken away from a node concerns it as well; an old selector that cannot be read concerned nobody.
  const old = before === undefined ? undefined : selectedNodes(before, nodes);
  if (old !== undefined && 'ids' in old) for (const id of old.ids) concerned.add(id);
  const { name, groups } = refuseNodes(
    session,
    'change',
    nodes.filter(({ id }) => concerned.has(id)),
  );
  if (groups === null || selector === before) return { selector, by: name };
  const limits = groups.filter((group) => nodes.some((node) => node.groups.includes(group)));
  if (limits.length === 0) throw problem('not-allowed', `${name} may act on no node: none is in the groups of this account.`);
  return { selector: `(${selector ?? 'all'})@(${limits.join(',')})`, by: name };
}

function idsOf(selector: string | null, nodes: readonly Node[]): ReadonlySet<string> {
  const selection = selectedNodes(selector, nodes);
  if ('ids' in selection) return selection.ids;
  throw problem('invalid-request', `The selector is not valid: ${selection.problem}`, [{ path: 'selector', message: selection.problem }]);
}
