import { createHash, randomBytes } from 'node:crypto';
import { encodeJoinToken, problem } from '@muster/api';
import { parseNodeQuery, shownServices } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';

export type NodeHandlerParts = {
  readonly store: Store;
  readonly caFingerprint: string;
  readonly agentAddresses: () => readonly string[];
  readonly joinTokenMinutes: number;
};

type NodeRoutes =
  | 'listNodes'
  | 'addNode'
  | 'getNode'
  | 'replaceNode'
  | 'removeNode'
  | 'makeJoinToken'
  | 'listServices'
  | 'listCertificates';

export function nodeHandlers(parts: NodeHandlerParts): Pick<Handlers, NodeRoutes> {
  const { store } = parts;
  return {
    listNodes: async ({ query }) => {
      const parsed = parseNodeQuery(query.sort, query.filter);
      if (!parsed.ok) throw problem('invalid-request', parsed.errors.map((error) => error.message).join('; '), [...parsed.errors]);
      return store.nodes.list({ sort: [...parsed.sort], filters: [...parsed.filters], limit: query.limit, offset: query.offset });
    },
    addNode: ({ body }) => store.nodes.add(body),
    getNode: ({ params }) => store.nodes.get(params.node),
    replaceNode: ({ params, body }) => store.nodes.replace(params.node, body),
    removeNode: async ({ params }) => {
      await store.nodes.remove(params.node);
      return undefined;
    },
    makeJoinToken: ({ params }) => makeJoinToken(parts, params.node),
    listServices: async ({ params }) => {
      const node = await store.nodes.get(params.node);
      return shownServices((await store.observations.services(node.id))?.report ?? null, node.health.state);
    },
    listCertificates: async ({ params }) => {
      const node = await store.nodes.get(params.node);
      return { items: await store.certificates.byNode(node.id) };
    },
  };
}

async function makeJoinToken({ store, caFingerprint, agentAddresses, joinTokenMinutes }: NodeHandlerParts, name: string) {
  const node = await store.nodes.get(name);
  const secret = randomBytes(24).toString('base64url');
  const secretSha256 = createHash('sha256').update(secret).digest('hex');
  const { expiresAt } = await store.enrolment.makeToken(node.id, secretSha256, joinTokenMinutes * 60);
  const token = encodeJoinToken({ name: node.name, secret, caFingerprint, servers: agentAddresses() });
  return { nodeId: node.id, token, expiresAt, command: `muster-agent enroll --token ${token}` };
}
