import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type AgentSettings, type Event, type Node, NodeCreate, serverIdentity } from '@muster/api';
import type { Clock } from '@muster/core';
import type { Store } from '@muster/store';
import { type TestStore, withStore } from '@muster/testkit';
import { type Authority, createAuthority, makeKeyAndCsr, type NewAuthority, openAuthority } from '@muster/trust';
import { onTestFinished } from 'vitest';
import { createGateway, type Gateway } from '../src/gateway.ts';
import { keptLog, type LogLine } from './kept-log.ts';

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
  const { presence, events, certificates, observations, nodes, enrolment } = store;
  return {
    ...store,
    presence: table('presence', presence),
    events: table('events', events),
    certificates: table('certificates', certificates),
    observations: table('observations', observations),
    nodes: table('nodes', nodes),
    enrolment: table('enrolment', enrolment),
  };
}

export type GatewayFixture = TestStore & {
  readonly parts: NewAuthority;
  readonly authority: Authority;
  readonly gateway: Gateway;
  readonly port: number;
  readonly lines: LogLine[];
  readonly spy: StoreSpy;
  readonly serverId: string;
  settings: AgentSettings;
  /** Adds a node and makes a token for it; gives the secret. */
  addNode(name: string): Promise<{ node: Node; secret: string }>;
  makeSecret(name: string, lifetimeSeconds?: number): Promise<string>;
  /** Signs for a node and records it, as an enrolment would. */
  certify(node: Node, wish?: { now?: Date; lifetimeDays?: number; record?: boolean }): Promise<Credentials>;
  events(kind?: Event['kind']): Promise<Event[]>;
};

export type Credentials = { readonly keyPem: string; readonly chainPem: string; readonly serial: string };

const dayMs = 86_400_000;

/** An authority and the certificate of a server of it. */
export async function makeTestAuthority(now = new Date(Date.now() - 30 * dayMs)) {
  const parts = await createAuthority({ name: 'Test', now });
  const authority = await openAuthority(parts);
  return { parts, authority, identity: await makeTestIdentity(authority) };
}

/** A new certificate of the server itself. */
export async function makeTestIdentity(authority: Authority): Promise<{ chainPem: string; keyPem: string }> {
  const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
  const { chainPem } = await authority.signServer({ csrPem, dnsNames: [], ipAddresses: ['127.0.0.1'], lifetimeDays: 1, now: new Date() });
  return { chainPem, keyPem };
}

const settingsAtFirst: AgentSettings = { heartbeatSeconds: 5, timeoutSeconds: 15, reportSeconds: 300, servers: ['127.0.0.1:1'] };

/** A gateway on a store, an authority and a port of its own, with the store's events applied as the server does it. */
export async function openGateway(): Promise<GatewayFixture> {
  const { store, connection } = await withStore();
  const { parts, authority, identity } = await makeTestAuthority();
  const { log, lines } = keptLog();
  const spy: StoreSpy = { calls: [] };
  const serverId = randomUUID();
  const live = { settings: settingsAtFirst };
  const options = { authority, identity, clock: realClock, log, serverId, certificateLifetimeDays: 90, settings: () => live.settings };
  const gateway = createGateway({ ...options, store: spied(store, spy) });
  const port = await gateway.listen('127.0.0.1', 0);
  const listener = await store.events.listen((event) => gateway.apply(event));
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
    store,
    connection,
    parts,
    authority,
    gateway,
    port,
    lines,
    spy,
    serverId,
    get settings() {
      return live.settings;
    },
    set settings(value) {
      live.settings = value;
    },
    makeSecret,
    addNode: async (name) => ({ node: await store.nodes.add(NodeCreate.parse({ name })), secret: await makeSecret(name) }),
    certify: async (node, { now = new Date(), lifetimeDays = 90, record = true } = {}) => {
      const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: node.name });
      const signed = await authority.signNode({ csrPem, nodeId: node.id, nodeName: node.name, addresses: [], lifetimeDays, now });
      if (record) await store.certificates.record({ ...signed, nodeId: node.id, nodeName: node.name });
      return { keyPem, chainPem: signed.chainPem, serial: signed.serial };
    },
    events: async (kind) => (await store.events.list({ limit: 1000, after: 0 })).filter((one) => kind === undefined || one.kind === kind),
  };
}
