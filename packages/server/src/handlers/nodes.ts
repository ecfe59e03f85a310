import type { Session } from '@muster/api';
import { shownServices } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import { refuseNodes } from './refuse-nodes.ts';
import { requireInScope } from './require-in-scope.ts';
import { requireOwnGroups } from '../permissions/require-own-groups.ts';

export type NodeHandlerParts = { readonly store: Store };

type NodeRoutes = 'addNode' | 'getNode' | 'replaceNode' | 'removeNode' | 'listServices' | 'listCertificates';

export function nodeHandlers({ store }: NodeHandlerParts): Pick<Handlers, NodeRoutes> {
  return {
    addNode: async ({ body, query, session }) => {
      requireInScope(session, body.name, body.groups);
      return store.nodes.add(body, query.source);
    },
    getNode: ({ params }) => store.nodes.get(params.node),
    replaceNode: async ({ params, query, body, session }) => {
      const before = await store.nodes.get(params.node);
      refuseNodes(session, 'change', [before]);
      requireOwnGroups(session, differenceOf(before.groups, body.groups));
      requireInScope(session, before.name, body.groups);
      return store.nodes.replace(before.id, body, query.source);
    },
    removeNode: async ({ params, session }) => {
      await remove(store, params.node, session);
      return undefined;
    },
    listServices: async ({ params }) => {
      const node = await store.nodes.get(params.node);
      const report = (await store.observations.services(node.id))?.report ?? null;
      return shownServices(report, node.health.state, await store.stoppedServices.ofNode(node.id));
    },
    listCertificates: async ({ params }) => {
      const node = await store.nodes.get(params.node);
      return { items: await store.certificates.byNode(node.id) };
    },
  };
}

async function remove(store: Store, asked: string, session: Session | undefined): Promise<void> {
  const node = await store.nodes.get(asked);
  refuseNodes(session, 'remove', [node]);
  await store.nodes.remove(node.id);
}

/** What is in one of two lists alone. */
const differenceOf = (some: readonly string[], others: readonly string[]): string[] => [
  ...some.filter((one) => !others.includes(one)),
  ...others.filter((one) => !some.includes(one)),
];
