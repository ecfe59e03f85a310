import { type AgentCheck, controlUser, type Node, problem } from '@muster/api';
import { fanOut, fingerprint } from '@muster/ssh';
import { NodeNotFound, type Store } from '@muster/store';
import type { ControlKeyRing } from '../agents/control-key.ts';
import type { Handlers } from '../http/handlers.ts';
import { refuseNodes } from './refuse-nodes.ts';

export type AgentControlHandlerParts = {
  readonly store: Store;
  readonly controlKeys: ControlKeyRing;
  /** Logs in to a node and asks how its agent is. */
  readonly checkAgent: (node: Node, signal: AbortSignal) => Promise<AgentCheck>;
};

/** Hosts that are logged in to at the same time for one question. */
const atOnce = 20;
/** More names than this in one sentence help nobody. */
const namesInSentence = 10;

type AgentControlRoutes = 'listAgentControl' | 'setAgentControl' | 'removeAgentControl' | 'checkAgentControl';

export function agentControlHandlers({ store, controlKeys, checkAgent }: AgentControlHandlerParts): Pick<Handlers, AgentControlRoutes> {
  return {
    listAgentControl: async () => {
      const { publicKey } = await controlKeys.key();
      const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
      return { user: controlUser, publicKey, fingerprint: fingerprint(blob), items: await store.agentControl.list() };
    },
    setAgentControl: async ({ params, body, session }) => {
      const node = await store.nodes.get(params.node);
      refuseNodes(session, 'change', [node]);
      return store.agentControl.set(node.id, body);
    },
    removeAgentControl: async ({ params, session }) => {
      const node = await store.nodes.get(params.node);
      refuseNodes(session, 'change', [node]);
      await store.agentControl.remove(node.id);
      return undefined;
    },
    checkAgentControl: async ({ body, session, audit }) => {
      const nodes = await namedNodes(store, body.nodes);
      audit.concerns(nodes.map(({ name }) => name));
      refuseNodes(session, 'restart-agent', nodes);
      const never = new AbortController().signal;
      const results = await fanOut(nodes, atOnce, (node) => checkAgent(node, never));
      return { items: results.flatMap((result) => (result.status === 'done' ? [result.value] : [unanswered(result.item)])) };
    },
  };
}

const unanswered = (node: Node): AgentCheck => ({
  nodeId: node.id,
  nodeName: node.name,
  reached: false,
  message: 'The server could not ask: its database is away. Try again in some seconds.',
  byHand: null,
});

/** All of them, or an error that names those that do not exist. */
async function namedNodes(store: Store, names: readonly string[]): Promise<Node[]> {
  const found = await Promise.all([...new Set(names)].map((name) => nodeOrName(store, name)));
  const missing = found.filter((one) => typeof one === 'string');
  if (missing.length > 0) throw problem('not-found', `There is no node ${listed(missing)}. Nothing was done.`);
  return found.filter((one) => typeof one !== 'string');
}

async function nodeOrName(store: Store, name: string): Promise<Node | string> {
  try {
    return await store.nodes.get(name);
  } catch (error) {
    if (error instanceof NodeNotFound) return name;
    throw error;
  }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, namesInSentence).map((name) => JSON.stringify(name));
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`;
}
