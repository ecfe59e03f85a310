import { type OperationSpec, problem } from '@muster/api';
import { foldResults, planOperation } from '@muster/core';
import { NodeNotFound, type Store } from '@muster/store';
import type { Call, Handlers } from '../http/handlers.ts';
import { resolveRange } from '../ranges/resolve-range.ts';
import { refuseNodes } from './refuse-nodes.ts';

export type OperationHandlerParts = {
  readonly store: Store;
  /** Whether this server lets commands of people run on nodes at all. */
  readonly execEnabled: boolean;
};

type OperationRoutes =
  | 'startOperation'
  | 'listOperations'
  | 'getOperation'
  | 'listOperationTasks'
  | 'listOperationResults'
  | 'cancelOperation'
  | 'listNodeTasks'
  | 'getTaskOutput';

export function operationHandlers(parts: OperationHandlerParts): Pick<Handlers, OperationRoutes> {
  const { store } = parts;
  return {
    startOperation: (call) => startOperation(parts, call),
    listOperations: ({ query }) => store.operations.list(defined(query)),
    getOperation: ({ params }) => store.operations.get(params.id),
    listOperationTasks: ({ params, query }) => store.tasks.ofOperation(params.id, defined(query)),
    listOperationResults: async ({ params }) => ({ items: foldResults(await store.tasks.results(params.id)) }),
    cancelOperation: (call) => cancelOperation(parts, call),
    listNodeTasks: async ({ params, query }) => store.tasks.ofNode(await nodeIdOf(store, params.node), defined(query)),
    getTaskOutput: ({ params }) => store.tasks.output(params.id),
  };
}

async function startOperation({ store, execEnabled }: OperationHandlerParts, { body, session }: Call<'startOperation'>) {
  const { spec, range, batch = null, maxFail = null, expiresInSeconds } = body;
  if (spec.kind === 'exec' && !execEnabled) throw problem('not-allowed', execIsOff);
  if (spec.kind === 'environment')
    throw problem('invalid-request', 'Environments are brought to nodes by the server: ask for it with POST /environment-sync.');
  requireSendable(spec);
  const { action, ...plan } = planOperation(spec);
  const nodes = await resolveRange(store, range);
  const { name } = refuseNodes(session, action, nodes);
  return store.operations.create({
    spec,
    plan,
    range,
    requestedBy: name,
    batch,
    maxFail,
    expiresInSeconds,
    nodes: nodes.map(({ id }) => ({ id })),
  });
}

const execIsOff =
  'Commands on nodes are off on this server. Whoever runs it turns them on with "exec: { enabled: true }" in muster.yaml, or MUSTER_EXEC_ENABLED=true, and starts it anew.';

/** What a command may have in all, bytes of JSON: it has to fit into one message to the agent. */
const maxSpecBytes = 524_288;

/** What cannot become the arguments of a program is refused, not changed: no program takes a NUL, and no database half a character. */
function requireSendable(spec: OperationSpec): void {
  if (spec.kind !== 'exec') return;
  if (spec.command.some((word) => word.includes('\u0000') || !word.isWellFormed()))
    throw problem('invalid-request', 'The command holds a NUL or half of a character, which no program can be given.');
  if (spec.command[0]?.trim() === '') throw problem('invalid-request', 'The command names no program.');
  if (Buffer.byteLength(JSON.stringify(spec)) > maxSpecBytes)
    throw problem('invalid-request', `The command is too long: ${maxSpecBytes / 1024} KiB are allowed. Put the data into a file.`);
}

/** Whoever may act on the nodes may end it: asked of every node that has a part in it. */
async function cancelOperation({ store }: OperationHandlerParts, { params, session }: Call<'cancelOperation'>) {
  const { items } = await store.tasks.ofOperation(params.id, { limit: 1_000_000, offset: 0 });
  const inIt = new Set(items.map((task) => task.nodeId));
  const { items: nodes } = await store.nodes.list({ sort: [], filters: [], limit: 1_000_000, offset: 0 });
  const { name } = refuseNodes(
    session,
    // Role and groups count, not the state of the node: to end something must always be possible.
    'change',
    nodes.filter((node) => inIt.has(node.id)),
  );
  return store.operations.cancel(params.id, name);
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** A removed node has no name any more, and its history by its id. */
async function nodeIdOf(store: Store, idOrName: string): Promise<string> {
  try {
    return (await store.nodes.get(idOrName)).id;
  } catch (error) {
    if (!(error instanceof NodeNotFound) || !uuid.test(idOrName)) throw error;
    const { total } = await store.tasks.ofNode(idOrName, { limit: 1, offset: 0 });
    if (total === 0) throw error;
    return idOrName;
  }
}

/** Without the members that were not given. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
