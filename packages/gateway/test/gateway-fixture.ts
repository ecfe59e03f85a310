import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type AgentSettings, type Event, type Node, NodeCreate } from '@muster/api';
import type { Clock } from '@muster/core';
import type { Overlap, Store } from '@muster/store';
import { type TestStore, withStore } from '@muster/testkit';
import type { Authority, NewAuthority } from '@muster/trust';
import { makeKeyAndCsr } from '@muster/trust';
import { onTestFinished } from 'vitest';
import { createGateway, type Gateway } from '../src/gateway.ts';
import { keptLog, type LogLine } from './kept-log.ts';
import { TestAuthorities } from './test-authorities.ts';

const realClock: Clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

/** Names every call of the store that the test is interested in. */
export type StoreSpy = { readonly calls: string[]; fail?: (call: string) => Error | undefined };

/** The store with its calls counted and, where the test wants it, failing as if the database were away. */
function spied(store: Store, spy: StoreSpy): Store {
  const table = <T extends object>(name: string, functions: T): T =>
    new Proxy(functions, {
      get: (target, key) => {
        const original: unknown = Reflect.get(target, key);
        if (typeof original !== 'function') return original;
        return async (...args: unknown[]) => {
          const call = `${name}.${String(key)}`;
          spy.calls.push(call);
          const failure = spy.fail?.(call);
          if (failure !== undefined) throw failure;
          return Reflect.apply(original, target, args) as unknown;
        };
      },
    });
  const { presence, events, certificates, observations, nodes, enrolment, authority, delivery } = store;
  return {
    ...store,
    presence: table('presence', presence),
    events: table('events', events),
    certificates: table('certificates', certificates),
    observations: table('observations', observations),
    nodes: table('nodes', nodes),
    enrolment: table('enrolment', enrolment),
    authority: table('authority', authority),
    delivery: table('delivery', delivery),
  };
}

export type GatewayFixture = TestStore & {
  /** Files that this server has, by their hash. */
  readonly artifacts: Map<string, { path: string; sizeBytes: number }>;
  readonly parts: NewAuthority;
  readonly authority: Authority;
  /** The authorities in force, for a test to change. */
  readonly authorities: TestAuthorities;
  readonly gateway: Gateway;
  readonly port: number;
  readonly lines: LogLine[];
  readonly spy: StoreSpy;
  readonly serverId: string;
  settings: AgentSettings;
  /** The servers of a node in its own order, where a test says so. */
  readonly servers: Map<string, readonly string[]>;
  /** Adds a node and makes a token for it; gives the secret. */
  addNode(name: string): Promise<{ node: Node; secret: string }>;
  makeSecret(name: string, lifetimeSeconds?: number): Promise<string>;
  /** Signs for a node and records it, as an enrolment would. */
  certify(node: Node, wish?: { now?: Date; lifetimeDays?: number; record?: boolean; generation?: number }): Promise<Credentials>;
  events(kind?: Event['kind']): Promise<Event[]>;
};

export type Credentials = { readonly keyPem: string; readonly chainPem: string; readonly serial: string };

const settingsAtFirst: AgentSettings = { heartbeatSeconds: 5, timeoutSeconds: 15, reportSeconds: 300, servers: ['127.0.0.1:1'] };

export type GatewayWish = {
  readonly clock?: Clock;
  /** How long older certificates stay; none by default. */
  readonly overlap?: Overlap;
  /** Whether it misses every event, as a server whose notifications got lost. */
  readonly deaf?: boolean;
  /** Another server of the same installation: the same database and authorities. */
  readonly beside?: GatewayFixture;
};

/** A gateway on a store, an authority and a port of its own, with the store's events applied as the server does it. */
export async function openGateway(wish: GatewayWish = {}): Promise<GatewayFixture> {
  const { store, connection } = wish.beside ?? (await withStore());
  const authorities = wish.beside?.authorities ?? (await TestAuthorities.make());
  const { parts, authority } = authorities.first;
  const { log, lines } = keptLog();
  const spy: StoreSpy = { calls: [] };
  const serverId = randomUUID();
  const live = { settings: settingsAtFirst };
  const servers = new Map<string, readonly string[]>();
  const artifacts = new Map<string, { path: string; sizeBytes: number }>();
  const { clock = realClock, overlap = { seconds: 0, longestSeconds: 0 }, deaf = false } = wish;
  const options = {
    authorities,
    overlap,
    clock,
    log,
    serverId,
    certificateLifetimeDays: 90,
    settings: (nodeId?: string) => ({ ...live.settings, servers: servers.get(nodeId ?? '') ?? live.settings.servers }),
    artifacts: { find: (sha256: string) => Promise.resolve(artifacts.get(sha256)) },
    downloadsAtOnce: 2,
  };
  const gateway = createGateway({ ...options, store: spied(store, spy) });
  const port = await gateway.listen('127.0.0.1', 0);
  const listener = await store.events.listen((event) => {
    if (!deaf) gateway.apply(event);
  });
  onTestFinished(async () => {
    delete spy.fail;
    await gateway.stop();
    await listener.stop();
  });
  const makeSecret = async (name: string, lifetimeSeconds = 1800) => {
    const secret = randomBytes(24).toString('base64url');
    await store.enrolment.makeToken(name, createHash('sha256').update(secret).digest('hex'), lifetimeSeconds);
    return secret;
  };
  return {
    artifacts,
    store,
    connection,
    parts,
    authority,
    authorities,
    gateway,
    port,
    lines,
    spy,
    serverId,
    servers,
    get settings() {
      return live.settings;
    },
    set settings(value) {
      live.settings = value;
    },
    makeSecret,
    addNode: async (name) => ({ node: await store.nodes.add(NodeCreate.parse({ name })), secret: await makeSecret(name) }),
    certify: async (node, { now = new Date(), lifetimeDays = 90, record = true, generation = 1 } = {}) => {
      const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: node.name });
      const signed = await authorities
        .numbered(generation)
        .signNode({ csrPem, nodeId: node.id, nodeName: node.name, addresses: [], lifetimeDays, now });
      if (record) await store.certificates.record({ ...signed, authority: generation, nodeId: node.id, nodeName: node.name });
      return { keyPem, chainPem: signed.chainPem, serial: signed.serial };
    },
    events: async (kind) => (await store.events.list({ limit: 1000, after: 0 })).filter((one) => kind === undefined || one.kind === kind),
  };
}
