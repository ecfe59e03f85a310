import { z } from 'zod';
import { JoinToken, Node, NodeCertificate, NodeCreate, NodeList, NodeReplace, NodeServices } from '../../node/node.ts';
import { maxRangeInQuery } from '../../node/node-view.ts';
import { none, nodeParams, page, repeated, type Route } from '../route.ts';

/** Which nodes, and in which order. What the words mean is checked by the server, so that the answer can name the good ones. */
const nodeSelection = {
  /** Comma list of keys, `-` before a key for descending order: `health,-lastHeartbeatAt`, `label.rack`. Default `name`. */
  sort: z.string().max(2000).default('name'),
  /** Repeatable `key:value`; all must hold: `name:web`, `health:bad,degraded`, `cores:>=32`, `label.rack:a`. See docs/nodes.md. */
  filter: repeated,
  /** Only the nodes of this range; see docs/ranges.md. */
  range: z.string().max(maxRangeInQuery).optional(),
  /** Whether the range may match nothing. */
  allowEmpty: z.enum(['true', 'false']).default('false'),
};

export const NodeQuery = z.strictObject({ ...nodeSelection, ...page });
export type NodeQuery = z.input<typeof NodeQuery>;

export const NodeExportQuery = z.strictObject({ ...nodeSelection, format: z.enum(['csv', 'json']).default('csv') });
export type NodeExportQuery = z.input<typeof NodeExportQuery>;

/** Who says what a request decides about a node: kept and shown as its source. */
const DecidedBy = z.strictObject({ source: z.enum(['administrator', 'inventory']).default('administrator') });

/** Nodes: who they are, their tokens, services and certificates. */
export const nodeRoutes = {
  listNodes: {
    method: 'GET',
    path: '/nodes',
    access: 'viewer',
    query: NodeQuery,
    response: NodeList,
    status: 200,
    summary: 'Nodes, filtered, sorted, a page of them, with the total before paging',
  },
  exportNodes: {
    method: 'GET',
    path: '/nodes/export',
    access: 'viewer',
    query: NodeExportQuery,
    response: z.string(),
    produces: ['text/csv', 'application/json'],
    status: 200,
    summary: 'All nodes that the filters leave, as CSV with one line for each or as a JSON list',
  },
  addNode: {
    method: 'POST',
    path: '/nodes',
    access: 'administrator',
    query: DecidedBy,
    body: NodeCreate,
    response: Node,
    status: 201,
    summary: 'Add a node',
  },
  getNode: { method: 'GET', path: '/nodes/{node}', access: 'viewer', params: nodeParams, response: Node, status: 200, summary: 'One node' },
  replaceNode: {
    method: 'PUT',
    path: '/nodes/{node}',
    access: 'operator',
    params: nodeParams,
    query: DecidedBy,
    body: NodeReplace,
    response: Node,
    status: 200,
    summary: 'Replace what a person decides about a node',
  },
  removeNode: {
    method: 'DELETE',
    path: '/nodes/{node}',
    access: 'administrator',
    params: nodeParams,
    response: none,
    status: 204,
    summary: 'Remove a node: its certificates are revoked, its connection closed, its history kept',
  },
  makeJoinToken: {
    method: 'POST',
    path: '/nodes/{node}/join-tokens',
    access: 'administrator',
    params: nodeParams,
    response: JoinToken,
    status: 201,
    summary: 'Make a single-use token for the agent of this node; earlier unused ones end. Not for a node that is registered: see reissue',
  },
  reissueNode: {
    method: 'POST',
    path: '/nodes/{node}/reissue',
    access: 'administrator',
    params: nodeParams,
    response: JoinToken,
    status: 201,
    summary: 'Let a machine that was made anew come back under its name: the old certificates are revoked at once, a new token is made',
  },
  listServices: {
    method: 'GET',
    path: '/nodes/{node}/services',
    access: 'viewer',
    params: nodeParams,
    response: NodeServices,
    status: 200,
    summary: 'Watched services of a node',
  },
  listCertificates: {
    method: 'GET',
    path: '/nodes/{node}/certificates',
    access: 'viewer',
    params: nodeParams,
    response: z.object({ items: z.array(NodeCertificate) }),
    status: 200,
    summary: 'Certificates of a node, newest first',
  },
} as const satisfies Record<string, Route>;
