import { z } from 'zod';
import { EventList } from '../node/event.ts';
import { JoinToken, Node, NodeCertificate, NodeCreate, NodeList, NodeReplace, NodeServices } from '../node/node.ts';
import { ServerStatus, Session, SignIn, SignInLink, SignInLinkRequest, SetPassword } from './session.ts';

/**
 * The HTTP interface as data: server, OpenAPI document, typed client and their tests are all made from this one table.
 * Path parameters are `{name}` as in OpenAPI; `access` says who may call: `public` needs no session, `local` only the Unix socket.
 */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly access: 'public' | 'viewer' | 'administrator' | 'local';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly response: z.ZodType;
  readonly status: 200 | 201 | 204;
};

/** A node by id or by name. */
const nodeParams = z.object({ node: z.string().min(1).max(253) });
/** A member of the query that may stand there never, once or many times. */
const repeated = z.preprocess(asList, z.array(z.string()));
const none = z.undefined();

function asList(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Keys and their meaning are checked by the server against `nodeSortKeys` and `nodeFilterKeys`, so that the answer can name the good ones. */
export const NodeQuery = z.strictObject({
  /** Comma list of keys, `-` before a key for descending order: `health,-lastHeartbeatAt`. Default `name`. */
  sort: z.string().default('name'),
  /** Repeatable `key:value`; all must hold. `name` and the addresses match a part, the rest the whole value. */
  filter: repeated,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).default(0),
});
export type NodeQuery = z.input<typeof NodeQuery>;

export const EventQuery = z.strictObject({
  /** Only events of this node (id or name). */
  node: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** Only events older than this id, for paging back. */
  before: z.coerce.number().int().positive().optional(),
});
export type EventQuery = z.input<typeof EventQuery>;

export const routes = {
  listNodes: {
    method: 'GET',
    path: '/nodes',
    access: 'viewer',
    query: NodeQuery,
    response: NodeList,
    status: 200,
    summary: 'Nodes, filtered, sorted, a page of them, with the total before paging',
  },
  addNode: {
    method: 'POST',
    path: '/nodes',
    access: 'administrator',
    body: NodeCreate,
    response: Node,
    status: 201,
    summary: 'Add a node',
  },
  getNode: { method: 'GET', path: '/nodes/{node}', access: 'viewer', params: nodeParams, response: Node, status: 200, summary: 'One node' },
  replaceNode: {
    method: 'PUT',
    path: '/nodes/{node}',
    access: 'administrator',
    params: nodeParams,
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
    summary: 'Make a single-use token for the agent of this node; earlier unused ones end',
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
  listEvents: {
    method: 'GET',
    path: '/events',
    access: 'viewer',
    query: EventQuery,
    response: EventList,
    status: 200,
    summary: 'Events, newest first; as text/event-stream the events from now on (or after Last-Event-ID)',
  },
  getStatus: {
    method: 'GET',
    path: '/status',
    access: 'viewer',
    response: ServerStatus,
    status: 200,
    summary: 'Version, times in force, nodes by health',
  },
  getSession: { method: 'GET', path: '/session', access: 'viewer', response: Session, status: 200, summary: 'Who is signed in' },
  signIn: {
    method: 'POST',
    path: '/session',
    access: 'public',
    body: SignIn,
    response: Session,
    status: 200,
    summary: 'Sign in with a password, or with the token of a one-time link',
  },
  signOut: { method: 'DELETE', path: '/session', access: 'viewer', response: none, status: 204, summary: 'Sign out' },
  setPassword: {
    method: 'PUT',
    path: '/session/password',
    access: 'viewer',
    body: SetPassword,
    response: none,
    status: 204,
    summary: 'Set or change the password of whoever is signed in',
  },
  makeSignInLink: {
    method: 'POST',
    path: '/sign-in-links',
    access: 'local',
    body: SignInLinkRequest,
    response: SignInLink,
    status: 201,
    summary: 'Make a one-time sign-in link (only on the server itself)',
  },
  live: {
    method: 'GET',
    path: '/health/live',
    access: 'public',
    response: z.object({ status: z.literal('live') }),
    status: 200,
    summary: 'The process answers',
  },
  ready: {
    method: 'GET',
    path: '/health/ready',
    access: 'public',
    response: z.object({ status: z.literal('ready') }),
    status: 200,
    summary: 'The server can do its work: 503 while the database is away',
  },
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
