import type { Environment, EnvironmentCounts } from '@muster/api';
import { showEnvironments, type ShownEnvironments } from '@muster/core';
import type { Store, StoredEnvironment } from '@muster/store';
import { guardedSelector } from '../environments/guard-environment.ts';
import { readDefinition, sameDefinition } from '../environments/read-definition.ts';
import type { Call, Handlers } from '../http/handlers.ts';
import { environmentContents } from './environment-contents.ts';
import { environmentSync } from './environment-sync.ts';

export type EnvironmentHandlerParts = { readonly store: Store };

type EnvironmentRoutes =
  | 'listEnvironments'
  | 'createEnvironment'
  | 'getEnvironment'
  | 'replaceEnvironment'
  | 'cloneEnvironment'
  | 'removeEnvironment'
  | 'listEnvironmentVersions';

export function environmentHandlers(parts: EnvironmentHandlerParts) {
  return { ...ownHandlers(parts), ...environmentSync(parts), ...environmentContents(parts) };
}

function ownHandlers({ store }: EnvironmentHandlerParts): Pick<Handlers, EnvironmentRoutes> {
  return {
    listEnvironments: async ({ query }) => {
      const [all, shown] = [await store.environments.list(), showEnvironments(await store.environmentWork.picture())];
      const page = all.slice(query.offset, query.offset + query.limit).map((one) => environmentOf(one, shown));
      return { items: page.map(summaryOf), total: all.length };
    },
    createEnvironment: (call) => create(store, call),
    getEnvironment: async ({ params }) => shownOf(store, await store.environments.get(params.environment)),
    replaceEnvironment: (call) => replace(store, call),
    cloneEnvironment: (call) => clone(store, call),
    removeEnvironment: async ({ params, query, session }) => {
      const { id, selector } = await store.environments.get(params.environment);
      const { by } = await guardedSelector(store, session, selector, selector);
      await store.environments.remove(id, query.force === 'true', by);
      return undefined;
    },
    listEnvironmentVersions: async ({ params }) => ({ items: await store.environments.versions(params.environment) }),
  };
}

async function create(store: Store, { body, session }: Call<'createEnvironment'>): Promise<Environment> {
  const { name, definition, description } = body;
  const read = await readDefinition(store, definition);
  const { selector, by } = await guardedSelector(store, session, body.selector);
  return shownOf(store, await store.environments.create(name, { ...read, selector, description }, by));
}

async function replace(store: Store, { params, body, session }: Call<'replaceEnvironment'>): Promise<Environment> {
  const before = await store.environments.get(params.environment);
  const isSame = sameDefinition(body.definition, before.definition);
  // The artifacts of what stays as it is were found when it was made, whatever was added since.
  const artifacts = before.artifacts.map(({ sha256 }) => sha256);
  const read = isSame ? { ...before, artifacts } : await readDefinition(store, body.definition);
  const { selector, by } = await guardedSelector(store, session, body.selector, before.selector);
  const decided = { ...read, selector, description: body.description, version: body.version };
  return shownOf(store, await store.environments.replace(before.id, decided, by));
}

async function clone(store: Store, { params, body, session }: Call<'cloneEnvironment'>): Promise<Environment> {
  const { definition, definitionSha256, recipe, artifacts, ...before } = await store.environments.get(params.environment);
  const { selector, by } = await guardedSelector(store, session, body.selector === undefined ? before.selector : body.selector);
  const read = { definition, definitionSha256, recipe, artifacts: artifacts.map(({ sha256 }) => sha256) };
  return shownOf(
    store,
    await store.environments.create(body.name, { ...read, selector, description: body.description ?? before.description }, by),
  );
}

async function shownOf(store: Store, environment: StoredEnvironment): Promise<Environment> {
  return environmentOf(environment, showEnvironments(await store.environmentWork.picture()));
}

function summaryOf(environment: Environment): Omit<Environment, 'definition' | 'artifacts'> {
  const { definition: _, artifacts: __, ...summary } = environment;
  return summary;
}

function environmentOf(stored: StoredEnvironment, { environments }: ShownEnvironments): Environment {
  const { recipe: _, ...environment } = stored;
  const shown = environments.get(environment.id);
  const { selectorProblem = null, counts = nothing } = shown ?? {};
  return { ...environment, kind: environment.definition.kind, selectorProblem, counts };
}

/** Of an environment that was removed between two looks. */
const nothing: EnvironmentCounts = {
  nodes: 0,
  sync: { inSync: 0, outOfSync: 0, off: 0, unknown: 0 },
  work: { new: 0, ongoing: 0, success: 0, failed: 0 },
};
