import { z } from 'zod';
import {
  Environment,
  EnvironmentClone,
  EnvironmentCreate,
  EnvironmentExport,
  EnvironmentList,
  EnvironmentPackages,
  EnvironmentReplace,
  EnvironmentVersion,
} from '../../environment/environment.ts';
import {
  NodeEnvironment,
  NodeEnvironmentList,
  NodeSync,
  NodeSyncList,
  SyncAnswer,
  SyncRequest,
} from '../../environment/node-environment.ts';
import { NodeRange } from '../../operation/operation.ts';
import { none, nodeParams, page, type Route } from '../route.ts';

/** An environment by id or by name. */
const environmentParams = z.object({ environment: z.string().min(1).max(63) });
const version = z.coerce.number().int().positive();

export const EnvironmentQuery = z.strictObject({ ...page });
export type EnvironmentQuery = z.input<typeof EnvironmentQuery>;

const workState = z.enum(['new', 'ongoing', 'success', 'failed']);
const sync = z.enum(['in-sync', 'out-of-sync', 'off', 'unknown']);

export const EnvironmentNodesQuery = z.strictObject({ state: workState.optional(), sync: sync.optional(), ...page });
export type EnvironmentNodesQuery = z.input<typeof EnvironmentNodesQuery>;

export const NodeSyncQuery = z.strictObject({ range: NodeRange.optional(), sync: sync.optional(), ...page });
export type NodeSyncQuery = z.input<typeof NodeSyncQuery>;

export const RemoveEnvironmentQuery = z.strictObject({
  /** Also under processes that still use it; without this a node waits for them to end. */
  force: z.enum(['true', 'false']).default('false'),
});
export type RemoveEnvironmentQuery = z.input<typeof RemoveEnvironmentQuery>;

/** Which node's packages, and of which version; without them the present version on the node that listed it last. */
export const PackagesQuery = z.strictObject({ node: z.string().max(253).optional(), version: version.optional() });
export type PackagesQuery = z.input<typeof PackagesQuery>;

export const ExportQuery = z.strictObject({
  format: z.enum(['definition', 'lock']).default('definition'),
  node: z.string().max(253).optional(),
  version: version.optional(),
});
export type ExportQuery = z.input<typeof ExportQuery>;

/** Environments: what they are made of, where they are, and how nodes are brought level. */
export const environmentRoutes = {
  listEnvironments: {
    method: 'GET',
    path: '/environments',
    access: 'viewer',
    query: EnvironmentQuery,
    response: EnvironmentList,
    status: 200,
    summary: 'Environments by name, with how they fare on their nodes',
  },
  createEnvironment: {
    method: 'POST',
    path: '/environments',
    access: 'operator',
    body: EnvironmentCreate,
    response: Environment,
    status: 201,
    summary: 'Create an environment; its nodes begin to build it at once',
  },
  getEnvironment: {
    method: 'GET',
    path: '/environments/{environment}',
    access: 'viewer',
    params: environmentParams,
    response: Environment,
    status: 200,
    summary: 'One environment with its definition',
  },
  replaceEnvironment: {
    method: 'PUT',
    path: '/environments/{environment}',
    access: 'operator',
    params: environmentParams,
    body: EnvironmentReplace,
    response: Environment,
    status: 200,
    summary: 'Replace what a person decides; another definition is a new version, which the nodes build beside the old one',
  },
  cloneEnvironment: {
    method: 'POST',
    path: '/environments/{environment}/clone',
    access: 'operator',
    params: environmentParams,
    body: EnvironmentClone,
    response: Environment,
    status: 201,
    summary: 'Create another environment with the same definition',
  },
  removeEnvironment: {
    method: 'DELETE',
    path: '/environments/{environment}',
    access: 'administrator',
    params: environmentParams,
    query: RemoveEnvironmentQuery,
    response: none,
    status: 204,
    summary: 'Remove an environment from the server and from all nodes',
  },
  listEnvironmentVersions: {
    method: 'GET',
    path: '/environments/{environment}/versions',
    access: 'viewer',
    params: environmentParams,
    response: z.object({ items: z.array(EnvironmentVersion) }),
    status: 200,
    summary: 'Its versions, newest first',
  },
  listEnvironmentNodes: {
    method: 'GET',
    path: '/environments/{environment}/nodes',
    access: 'viewer',
    params: environmentParams,
    query: EnvironmentNodesQuery,
    response: NodeEnvironmentList,
    status: 200,
    summary: 'How it fares on each node that has it or should',
  },
  exportEnvironment: {
    method: 'GET',
    path: '/environments/{environment}/export',
    access: 'viewer',
    params: environmentParams,
    query: ExportQuery,
    response: EnvironmentExport,
    status: 200,
    summary: 'The definition as a file, or the lock: exactly what a node installed',
  },
  listEnvironmentPackages: {
    method: 'GET',
    path: '/environments/{environment}/packages',
    access: 'viewer',
    params: environmentParams,
    query: PackagesQuery,
    response: EnvironmentPackages,
    status: 200,
    summary: 'The packages in it, as a node listed them',
  },
  refreshEnvironmentPackages: {
    method: 'POST',
    path: '/environments/{environment}/packages',
    access: 'operator',
    params: environmentParams,
    body: z.strictObject({ node: z.string().min(1).max(253) }),
    response: NodeEnvironment,
    status: 202,
    summary: 'Ask a node to list its packages anew',
  },
  listNodeEnvironments: {
    method: 'GET',
    path: '/nodes/{node}/environments',
    access: 'viewer',
    params: nodeParams,
    response: z.object({ node: NodeSync, items: z.array(NodeEnvironment) }),
    status: 200,
    summary: 'The environments of a node: what it should have, what it has, and what is being done',
  },
  listNodeSync: {
    method: 'GET',
    path: '/environment-sync',
    access: 'viewer',
    query: NodeSyncQuery,
    response: NodeSyncList,
    status: 200,
    summary: 'Each node’s environments together: in sync, or out of sync with the difference',
  },
  syncEnvironments: {
    method: 'POST',
    path: '/environment-sync',
    access: 'operator',
    body: SyncRequest,
    response: SyncAnswer,
    status: 202,
    summary: 'Bring the nodes of a range level',
  },
} as const satisfies Record<string, Route>;
