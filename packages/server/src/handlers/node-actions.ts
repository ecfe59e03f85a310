import { type Node, type ParsedNodeAction, problem, type Session } from '@muster/api';
import { contradictionIn, type DecidedChange, foldNames, type NodeAction, saysNothing } from '@muster/core';
import type { NodeAct, Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import { refuseNodes } from './refuse-nodes.ts';
import { requireOwnGroups } from '../permissions/require-own-groups.ts';
import { whoIs } from '../permissions/who-is.ts';
import { meantByRange } from '../ranges/resolve-range.ts';

type ActionParts = { readonly store: Pick<Store, 'nodes' | 'administration'> };

/** What is decided about many nodes at once: about all of them, or about none. */
export function nodeActionHandlers({ store }: ActionParts): Pick<Handlers, 'actOnNodes'> {
  return {
    actOnNodes: async ({ body, session, audit }) => {
      const { range, ...act } = body;
      refuseNonsense(act);
      const meant = await meantByRange(store, range);
      audit.concerns(meant.map(({ name }) => name));
      const check = (nodes: readonly Node[]) => refuse(session, act, nodes);
      const count = await store.administration.act(meant, act, whoIs(session), check);
      return { range: foldNames(meant.map(({ name }) => name)), count };
    },
  };
}

/** The action of the table of permissions is the one of the request. */
const actionOf = (act: NodeAct): NodeAction => act.action satisfies ParsedNodeAction['action'];

function refuse(session: Session | undefined, act: NodeAct, nodes: readonly Node[]): void {
  refuseNodes(session, actionOf(act), nodes);
  if (act.action === 'change') requireOwnGroups(session, [...act.addGroups, ...act.removeGroups]);
}

/** What no node could make good. @throws ProblemError `invalid-request` */
function refuseNonsense(act: NodeAct): void {
  if (act.action === 'begin-maintenance' && act.seconds !== undefined && act.until !== undefined)
    throw invalid('until', 'say either how long the maintenance lasts or until when, not both');
  if (act.action === 'change') refuseEmptyChange(act);
}

function refuseEmptyChange(change: DecidedChange): void {
  const contradiction = contradictionIn(change);
  if (contradiction !== undefined) throw invalid('labels', contradiction);
  if (saysNothing(change)) throw invalid('labels', 'nothing to change: say labels, groups, notes or environments');
}

const invalid = (path: string, message: string) => problem('invalid-request', `The body is not valid: ${message}.`, [{ path, message }]);
