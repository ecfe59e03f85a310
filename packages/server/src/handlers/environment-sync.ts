import { type NodeEnvironment, problem, type Session, type SyncAnswer } from '@muster/api';
import { type EnvironmentPicture, planSync, showEnvironments, unknownEnvironments } from '@muster/core';
import { NodeNotFound, type Store } from '@muster/store';
import type { Call, Handlers } from '../http/handlers.ts';
import { resolveRange } from '../ranges/resolve-range.ts';
import { refuseNodes } from './refuse-nodes.ts';

type SyncRoutes = 'listEnvironmentNodes' | 'listNodeEnvironments' | 'listNodeSync' | 'syncEnvironments' | 'refreshEnvironmentPackages';

/** How environments fare on nodes, and how nodes are brought level. */
export function environmentSync({ store }: { readonly store: Store }): Pick<Handlers, SyncRoutes> {
  return {
    listEnvironmentNodes: async ({ params, query }) => {
      const { name } = await store.environments.get(params.environment);
      const all = (await shown(store)).flatMap(({ items }) => items.filter((one) => one.environment === name));
      const matching = all.filter((one) => fits(query.state, one.work?.state) && fits(query.sync, one.sync));
      return { items: matching.slice(query.offset, query.offset + query.limit), total: matching.length };
    },
    listNodeEnvironments: async ({ params }) => {
      const { id, name } = await store.nodes.get(params.node);
      const found = (await shown(store)).find(({ node }) => node.nodeId === id);
      if (found === undefined) throw new NodeNotFound(name);
      return { node: found.node, items: [...found.items] };
    },
    listNodeSync: async ({ query }) => {
      const ids = query.range === undefined ? undefined : new Set((await resolveRange(store, query.range)).map(({ id }) => id));
      const nodes = (await shown(store))
        .map(({ node }) => node)
        .filter((one) => (ids?.has(one.nodeId) ?? true) && fits(query.sync, one.sync));
      return { items: nodes.slice(query.offset, query.offset + query.limit), total: nodes.length };
    },
    syncEnvironments: (call) => sync(store, call),
    refreshEnvironmentPackages: (call) => refresh(store, call),
  };
}

const shown = async (store: Store) => showEnvironments(await store.environmentWork.picture()).nodes;

const fits = <T>(wanted: T | undefined, found: T | undefined): boolean => wanted === undefined || wanted === found;

async function sync(store: Store, { body, session }: Call<'syncEnvironments'>): Promise<SyncAnswer> {
  const nodes = await resolveRange(store, body.range);
  const by = refuseNodes(session, 'sync-environments', nodes);
  const nodeIds = new Set(nodes.map(({ id }) => id));
  for (const name of body.environments ?? []) await store.environments.get(name);
  if (body.prune) await adoptUnknown(store, nodeIds, by);
  const planned = planSync(await store.environmentWork.picture(), { nodeIds, names: body.environments });
  const event = scheduled(by, planned.length, nodes.length);
  await store.environmentWork.save(
    planned.map(({ change }) => change),
    [event],
  );
  return {
    nodes: nodes.length,
    scheduled: planned.flatMap(({ node, environment, change: { to } }) =>
      to === 'forget'
        ? []
        : [{ nodeId: node.id, nodeName: node.name, environment: environment.name, action: to.action, version: to.version }],
    ),
  };
}

/** Environments that only nodes know become removed ones of this server: then they are like any other that should not be there. */
async function adoptUnknown(store: Store, nodeIds: ReadonlySet<string>, { name: by }: Session): Promise<void> {
  for (const { name, version } of unknownEnvironments(await store.environmentWork.picture(), nodeIds))
    await store.environments.adoptRemoved(name, version, by);
}

const scheduled = ({ name }: Session, pieces: number, nodes: number) => ({
  kind: 'environment-task' as const,
  severity: 'info' as const,
  nodeId: null,
  nodeName: null,
  message: `${name} asked to bring ${nodes} node${nodes === 1 ? '' : 's'} level: ${pieces} to do.`,
  data: { scheduled: pieces, nodes },
});

/** Building what is there does nothing but list its packages. */
async function refresh(store: Store, { params, body, session }: Call<'refreshEnvironmentPackages'>): Promise<NodeEnvironment> {
  const [environment, node] = [await store.environments.get(params.environment), await store.nodes.get(body.node)];
  refuseNodes(session, 'sync-environments', [node]);
  const picture = await store.environmentWork.picture();
  const found = itemOf(picture, node.id, environment.name);
  if (found?.wantedVersion == null)
    throw problem('invalid-request', `${node.name} is not to have ${environment.name}: it is not among its nodes.`, [
      { path: 'node', message: node.name },
    ]);
  const from = picture.work.find((one) => one.nodeId === node.id && one.environmentId === environment.id);
  if (from?.state !== 'new' && from?.state !== 'ongoing') {
    const to = {
      action: 'update',
      version: found.wantedVersion,
      state: 'new',
      message: '',
      attempts: 0,
      taskId: null,
      retryInSeconds: null,
    } as const;
    await store.environmentWork.save([{ nodeId: node.id, environmentId: environment.id, from, to }], [scheduled(session ?? fail(), 1, 1)]);
  }
  return itemOf(await store.environmentWork.picture(), node.id, environment.name) ?? found;
}

const itemOf = (picture: EnvironmentPicture, nodeId: string, name: string): NodeEnvironment | undefined =>
  showEnvironments(picture)
    .nodes.find(({ node }) => node.nodeId === nodeId)
    ?.items.find(({ environment }) => environment === name);

function fail(): never {
  throw problem('not-signed-in', 'Sign in first.');
}
