import { type Node, problem, type Session } from '@muster/api';
import { foldNames, type NodeAction, permissionRefusalOf, stateRefusalOf } from '@muster/core';

/** So many nodes are named one by one. */
const named = 20;
/** So many sentences are told; of more the nodes are named, folded. */
const told = 5;

/**
 * Refuses the whole request when somebody may not do this with one of the nodes, and names them: never is it done to fewer nodes than were
 * asked for. @throws ProblemError `not-allowed` for who asks, `not-possible-now` for the state of a node
 */
export function refuseNodes(session: Session | undefined, action: NodeAction, nodes: readonly Node[]): Session {
  if (session === undefined) throw problem('not-signed-in', 'Sign in first.');
  refuse('not-allowed', nodes, (node) => permissionRefusalOf(session, action, node));
  refuse('not-possible-now', nodes, (node) => stateRefusalOf(action, node));
  return session;
}

function refuse(code: 'not-allowed' | 'not-possible-now', nodes: readonly Node[], refusalOf: (node: Node) => string | undefined): void {
  const refused = nodes.flatMap((node) => {
    const message = refusalOf(node);
    return message === undefined ? [] : [{ path: node.name, message }];
  });
  if (refused.length === 0) return;
  // Of a person who may not do it at all the sentence is the same for every node.
  const sentences = [...new Set(refused.map(({ message }) => message))];
  const rest =
    sentences.length <= told
      ? ''
      : ` In the way are ${refused.length} of ${nodes.length} nodes: ${foldNames(refused.map(({ path }) => path))}.`;
  throw problem(code, `Nothing was done. ${sentences.slice(0, told).join(' ')}${rest}`, refused.slice(0, named));
}
