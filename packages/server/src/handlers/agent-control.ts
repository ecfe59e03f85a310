import { type AgentCheck, type ControlKeyRotation, controlUser, type Node, problem } from '@muster/api';
import { fanOut, fingerprint, type OwnKey } from '@muster/ssh';
import { NodeNotFound, type Store } from '@muster/store';
import type { ControlKeyRing } from '../agents/control-key.ts';
import type { Handlers } from '../http/handlers.ts';
import { requireWholeInstallation } from '../permissions/require-whole-installation.ts';
import { refuseNodes } from './refuse-nodes.ts';

export type AgentControlHandlerParts = {
  readonly store: Store;
  readonly controlKeys: ControlKeyRing;
  /** Logs in to a node, with the key in use or another one, and asks how its agent is. */
  readonly checkAgent: (node: Node, signal: AbortSignal, ownKeyPem?: string) => Promise<AgentCheck>;
};

/** Hosts that are logged in to at the same time for one question. */
const atOnce = 20;
/** More names than this in one sentence help nobody. */
const namesInSentence = 10;

type AgentControlRoutes = 'listAgentControl' | 'setAgentControl' | 'removeAgentControl' | 'checkAgentControl' | 'rotateControlKey';

export function agentControlHandlers(parts: AgentControlHandlerParts): Pick<Handlers, AgentControlRoutes> {
  const { store, controlKeys } = parts;
  return {
    listAgentControl: async () => {
      const [key, next] = [await controlKeys.key(), await store.agentControl.nextKey()];
      const items = await store.agentControl.list();
      return {
        user: controlUser,
        publicKey: key.publicKey,
        fingerprint: fingerprintOf(key),
        nextPublicKey: next?.publicKey ?? null,
        items,
      };
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
      return { items: await checkAll(nodes, parts) };
    },
    rotateControlKey: async ({ body: { leaveOut }, session }) => {
      requireWholeInstallation(session);
      return rotate(leaveOut, parts);
    },
  };
}

const fingerprintOf = ({ publicKey }: Pick<OwnKey, 'publicKey'>): string =>
  fingerprint(Buffer.from(publicKey.split(' ')[1] ?? '', 'base64'));

/** The first time a key is made that is to follow. From then on it is tried on every node, and taken into use where all take it. */
async function rotate(leaveOut: boolean, parts: AgentControlHandlerParts): Promise<ControlKeyRotation> {
  const { store, controlKeys } = parts;
  const next = await controlKeys.nextKey();
  if (next === undefined) return { state: 'announced', fingerprint: fingerprintOf(await controlKeys.makeNextKey()), lacking: [] };
  const nodes = await Promise.all((await store.agentControl.list()).map(({ nodeId }) => store.nodes.get(nodeId)));
  const lacking = (await checkAll(nodes, parts, next.privateKeyPem)).filter(({ reached }) => !reached);
  const about = { fingerprint: fingerprintOf(next), lacking };
  if (lacking.length > 0 && !leaveOut) return { state: 'waiting', ...about };
  // Where another server has done it meanwhile, it is done.
  await store.agentControl.takeNextKey(next.publicKey);
  return { state: 'done', ...about };
}

async function checkAll(nodes: readonly Node[], { checkAgent }: AgentControlHandlerParts, ownKeyPem?: string): Promise<AgentCheck[]> {
  const never = new AbortController().signal;
  const results = await fanOut(nodes, atOnce, (node) => checkAgent(node, never, ownKeyPem));
  return results.map((result) => (result.status === 'done' ? result.value : unanswered(result.item)));
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
