import { HealthState, problem, type Event, type RouteName, type ServerStatus, type Session } from '@muster/api';
import { fakeEvents, goodNode, nastyNodes, type FakeNode } from './fake-nodes.ts';
import { listNodes } from './list-nodes.ts';

/** Everything the fake knows. Tests change it and push an event, as a server would. */
export type FakeWorld = {
  nodes: FakeNode[];
  events: Event[];
  password: string | null;
  /** Tokens of one-time links that still work. */
  tokens: Set<string>;
  /** Session cookies that are signed in. */
  sessions: Set<string>;
  role: Session['role'];
};

/** Sentinel inputs: what to send to see an error. */
export const sentinels = {
  /** Signs in as many times as one likes. */
  goodToken: 'good-token',
  /** A search by this name fails inside the server. */
  failingName: 'fail-500',
  /** With this as the current password the server is busy. */
  busyPassword: 'too-many-requests',
};

export const account = { email: 'admin@example.org', password: 'correct horse battery staple' };

/** A world of so many good nodes, with or without those that are hard to show. */
export function makeWorld(options: { good: number; isNasty: boolean }): FakeWorld {
  return {
    nodes: [...Array.from({ length: options.good }, (_, at) => goodNode(at + 1)), ...(options.isNasty ? nastyNodes() : [])],
    events: fakeEvents(130),
    password: account.password,
    tokens: new Set(),
    sessions: new Set(),
    role: 'administrator',
  };
}

/** A request that has passed the schemas of its route. */
export type Call = {
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
  cookie: string | undefined;
  setCookie: (value: string | null) => void;
};

const fullStatus = (world: FakeWorld): ServerStatus => ({
  version: '0.1.0-fake',
  startedAt: '2026-11-21T08:00:00.000Z',
  now: new Date().toISOString(),
  agentAddresses: ['muster.example.org:8481'],
  caFingerprint: 'c0ffee'.repeat(10) + 'abcd',
  heartbeatIntervalSeconds: 5,
  heartbeatTimeoutSeconds: 30,
  graceUntil: null,
  nodes: {
    total: world.nodes.length,
    byHealth: Object.fromEntries(
      HealthState.options.map((state) => [state, world.nodes.filter(({ node }) => node.health.state === state).length]),
    ) as ServerStatus['nodes']['byHealth'],
  },
});

const sessionOf = (world: FakeWorld): Session => ({
  kind: 'person',
  name: 'Ada Admin',
  email: account.email,
  role: world.role,
  hasPassword: world.password !== null,
});

function find(world: FakeWorld, key: string | undefined): FakeNode {
  const found = world.nodes.find(({ node }) => node.id === key || node.name === key);
  if (found === undefined) throw problem('not-found', `There is no node "${key}".`);
  return found;
}

function signIn(world: FakeWorld, { body, setCookie }: Call): Session {
  const given = body as { token?: string; email?: string; password?: string };
  const isGood =
    given.token === undefined
      ? given.email === account.email && given.password === world.password && world.password !== null
      : given.token === sentinels.goodToken || world.tokens.delete(given.token);
  if (!isGood)
    throw problem(
      'not-signed-in',
      given.token === undefined ? 'E-mail or password is wrong.' : 'The link was used already, or has expired.',
    );
  const cookie = `session-${world.sessions.size + 1}-${Math.random().toString(36).slice(2)}`;
  world.sessions.add(cookie);
  setCookie(cookie);
  return sessionOf(world);
}

function setPassword(world: FakeWorld, { body }: Call): undefined {
  const { newPassword, currentPassword } = body as { newPassword: string; currentPassword?: string };
  if (currentPassword === sentinels.busyPassword) throw problem('too-many-requests', 'Too many tries from this address.');
  if (world.password !== null && currentPassword !== world.password) {
    throw problem('invalid-request', 'The current password is wrong.', [{ path: 'currentPassword', message: 'not the password in force' }]);
  }
  world.password = newPassword;
}

function listEvents(world: FakeWorld, { query }: Call) {
  const { node, limit, before } = query as { node?: string; limit: number; before?: number };
  const id = node === undefined ? undefined : find(world, node).node.id;
  const items = world.events.filter((event) => (id === undefined || event.nodeId === id) && (before === undefined || event.id < before));
  return { items: items.toReversed().slice(0, limit) };
}

/** Every route that the panel calls. */
export const handlers: Partial<Record<RouteName, (world: FakeWorld, call: Call) => unknown>> = {
  listNodes: (world, { query }) => {
    const parsed = query as { sort: string; filter: string[]; limit: number; offset: number };
    if (parsed.filter.includes(`name:${sentinels.failingName}`))
      throw problem('internal-error', 'The list could not be made (fault 4711).');
    return listNodes(
      world.nodes.map(({ node }) => node),
      parsed,
    );
  },
  getNode: (world, { params }) => find(world, params['node']).node,
  listServices: (world, { params }) => find(world, params['node']).services,
  listCertificates: (world, { params }) => ({ items: find(world, params['node']).certificates }),
  listEvents,
  getStatus: fullStatus,
  getSession: sessionOf,
  signIn,
  signOut: (world, { cookie, setCookie }) => {
    world.sessions.delete(cookie ?? '');
    setCookie(null);
  },
  setPassword,
  live: () => ({ status: 'live' }),
  ready: () => ({ status: 'ready' }),
};
