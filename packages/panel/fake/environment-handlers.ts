import { problem, type Environment, type EnvironmentCounts, type NodeEnvironment, type NodeSync } from '@muster/api';
import { findNode, type Call, type FakeHandlers } from './call.ts';
import { fakeEnvironment, type FakeEnvironment } from './fake-environments.ts';
import type { FakeNode } from './fake-nodes.ts';
import { admit } from './node-handlers.ts';
import { nodesOfRange } from './range.ts';
import type { FakeWorld } from './world.ts';

function find(world: FakeWorld, key: string | undefined): FakeEnvironment {
  const found = world.environments.find(({ environment }) => environment.id === key || environment.name === key);
  if (found === undefined) throw problem('not-found', `There is no environment "${key}".`);
  return found;
}

function nodesOf(world: FakeWorld, { environment }: FakeEnvironment): FakeNode[] {
  if (environment.selectorProblem !== null) return [];
  return environment.selector === null ? world.nodes : nodesOfRange(world, environment.selector, true);
}

function syncOf(node: FakeNode['node'], isBehind: boolean): NodeEnvironment['sync'] {
  if (node.environments === 'off') return 'off';
  if (node.registration === 'pending' || node.health.state === 'bad') return 'unknown';
  return isBehind ? 'out-of-sync' : 'in-sync';
}

function onNode({ environment, behind, failed }: FakeEnvironment, { node }: FakeNode): NodeEnvironment {
  const sync = syncOf(node, behind.has(node.name));
  const has = behind.get(node.name);
  const observedVersion = sync === 'in-sync' ? environment.version : sync === 'out-of-sync' ? (has ?? null) : null;
  const message = failed.get(node.name);
  return {
    nodeId: node.id,
    nodeName: node.name,
    environment: environment.name,
    wantedVersion: environment.version,
    observedVersion,
    sync,
    difference: sync === 'out-of-sync' ? (has === null ? 'missing' : 'other-version') : null,
    work:
      message === undefined
        ? null
        : {
            action: 'create',
            version: environment.version,
            state: 'failed',
            message,
            attempts: 2,
            retryAt: null,
            taskId: null,
            changedAt: environment.updatedAt,
          },
  };
}

function counted(world: FakeWorld, one: FakeEnvironment): Environment {
  const all = nodesOf(world, one).map((node) => onNode(one, node));
  const of = (sync: NodeEnvironment['sync']) => all.filter((each) => each.sync === sync).length;
  const counts: EnvironmentCounts = {
    nodes: all.length,
    sync: { inSync: of('in-sync'), outOfSync: of('out-of-sync'), off: of('off'), unknown: of('unknown') },
    work: { new: 0, ongoing: 0, success: of('in-sync'), failed: all.filter(({ work }) => work?.state === 'failed').length },
  };
  return { ...one.environment, counts };
}

function summary(environment: Environment) {
  const { definition: _, artifacts: __, ...rest } = environment;
  return rest;
}

function nodeSync(world: FakeWorld, found: FakeNode): NodeSync {
  const { node } = found;
  const all = world.environments.filter((one) => nodesOf(world, one).includes(found)).map((one) => onNode(one, found));
  const differing = all.filter(({ sync }) => sync === 'out-of-sync');
  return {
    nodeId: node.id,
    nodeName: node.name,
    environments: node.environments,
    sync: syncOf(node, differing.length > 0),
    summary: differing
      .map(({ environment, observedVersion, wantedVersion }) =>
        observedVersion === null ? `${environment}: missing` : `${environment}: version ${observedVersion} instead of ${wantedVersion}`,
      )
      .join('; '),
    differing: differing.length,
    working: 0,
    failed: all.filter(({ work }) => work?.state === 'failed').length,
    reportedAt: node.lastHeartbeatAt,
  };
}

function page<T>(all: readonly T[], query: Record<string, unknown>): { items: T[]; total: number } {
  const offset = Number(query['offset']);
  return { items: all.slice(offset, offset + Number(query['limit'])), total: all.length };
}

function create(world: FakeWorld, { body }: Call): Environment {
  const given = body as Pick<Environment, 'name' | 'definition' | 'selector' | 'description'>;
  if (world.environments.some(({ environment }) => environment.name === given.name))
    throw problem('environment-exists', `There is an environment "${given.name}" already.`, [{ path: 'name', message: 'taken' }]);
  if (given.selector !== null) nodesOfRange(world, given.selector, true);
  const made = fakeEnvironment(100 + world.environments.length, given);
  world.environments.push(made);
  return counted(world, made);
}

function replace(world: FakeWorld, { params, body }: Call): Environment {
  const found = find(world, params['environment']);
  const given = body as Environment;
  if (given.version !== undefined && given.version !== found.environment.version)
    throw problem('revision-conflict', `"${found.environment.name}" was changed meanwhile.`);
  const isNew = JSON.stringify(given.definition) !== JSON.stringify(found.environment.definition);
  const { definition, selector, description } = given;
  const version = found.environment.version + (isNew ? 1 : 0);
  found.environment = { ...found.environment, definition, selector, description, version, selectorProblem: null };
  return counted(world, found);
}

function sync(world: FakeWorld, { body }: Call) {
  const { range } = body as { range: string };
  const nodes = nodesOfRange(world, range);
  admit(world, 'sync-environments', nodes);
  const scheduled = nodes.flatMap((node) =>
    world.environments
      .map((one) => onNode(one, node))
      .filter((one) => one.sync === 'out-of-sync')
      .map(({ nodeId, nodeName, environment, wantedVersion }) => ({
        nodeId,
        nodeName,
        environment,
        action: 'update' as const,
        version: wantedVersion,
      })),
  );
  for (const { environment, nodeName } of scheduled) find(world, environment).behind.delete(nodeName);
  return { nodes: nodes.length, scheduled };
}

/** Environments. */
export const environmentHandlers: FakeHandlers = {
  listEnvironments: (world, { query }) =>
    page(
      world.environments.map((one) => summary(counted(world, one))),
      query,
    ),
  createEnvironment: create,
  getEnvironment: (world, { params }) => counted(world, find(world, params['environment'])),
  replaceEnvironment: replace,
  cloneEnvironment: (world, call) => {
    const { environment } = find(world, call.params['environment']);
    const given = call.body as { name: string };
    return create(world, { ...call, body: { ...environment, name: given.name, version: undefined } });
  },
  removeEnvironment: (world, { params }) => {
    const found = find(world, params['environment']);
    world.environments = world.environments.filter((one) => one !== found);
  },
  listEnvironmentVersions: (world, { params }) => ({ items: find(world, params['environment']).versions }),
  listEnvironmentNodes: (world, { params, query }) => {
    const found = find(world, params['environment']);
    const all = nodesOf(world, found).map((node) => onNode(found, node));
    return page(
      all.filter((one) => query['sync'] === undefined || one.sync === query['sync']),
      query,
    );
  },
  listEnvironmentPackages: (world, { params }) => {
    const { environment } = find(world, params['environment']);
    return {
      version: environment.version,
      nodeName: 'worker-001.cluster.example.org',
      listedAt: environment.updatedAt,
      items: [
        { name: 'numpy', version: '2.1.0', source: '' },
        { name: 'torch', version: '2.5.1', source: 'the artifact store' },
      ],
      truncated: false,
    };
  },
  exportEnvironment: (world, { params, query }) => {
    const { environment } = find(world, params['environment']);
    return {
      fileName: `${environment.name}-${String(query['format'])}.txt`,
      mediaType: 'text/plain',
      version: environment.version,
      content: JSON.stringify(environment.definition, undefined, 2),
    };
  },
  listNodeEnvironments: (world, { params }) => {
    const found = findNode(world, params['node']);
    const items = world.environments.filter((one) => nodesOf(world, one).includes(found)).map((one) => onNode(one, found));
    return { node: nodeSync(world, found), items };
  },
  listNodeSync: (world, { query }) => {
    const all = world.nodes.map((node) => nodeSync(world, node));
    return page(
      all.filter((one) => query['sync'] === undefined || one.sync === query['sync']),
      query,
    );
  },
  syncEnvironments: sync,
};
