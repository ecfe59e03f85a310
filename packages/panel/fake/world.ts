import type {
  ApiKey,
  AuditEntry,
  Event,
  JournalLines,
  RotationPhase,
  ServerStatus,
  NodeView,
  Operation,
  Person,
  PoolStatus,
  ProvisionRun,
  Session,
  Subscription,
  Task,
  Webhook,
} from '@muster/api';
import { fakeAudit } from './fake-audit.ts';
import { fakeEnvironments, type FakeEnvironment } from './fake-environments.ts';
import { fakeEvents, goodNode, nastyNodes, type FakeNode } from './fake-nodes.ts';
import { fakeOperations } from './fake-operations.ts';
import { fakePeople } from './fake-people.ts';
import { fakePool } from './fake-pool.ts';

/** A task of the fake and what it printed. */
export type FakeTask = { task: Task; output: string };

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
  /** The groups on whose nodes whoever is signed in may act. */
  groups: string[] | null;
  mayExec: boolean;
  operations: Operation[];
  tasks: FakeTask[];
  views: NodeView[];
  people: Person[];
  keys: ApiKey[];
  /** The second factor of whoever is signed in: off, begun, on. */
  twoFactor: 'off' | 'begun' | 'on';
  /** The name of the identity provider on the sign-in page. */
  oidc: string | null;
  /** How far the authority is replaced; null while it is not. */
  authorityPhase: RotationPhase | null;
  /** Why the liveness monitor restarts nothing now. */
  brake: ServerStatus['agentLiveness']['brake'];
  audit: AuditEntry[];
  environments: FakeEnvironment[];
  webhooks: Webhook[];
  subscriptions: Subscription[];
  pool: PoolStatus;
  /** What the server refuses a promotion with, as long as no loss is accepted. */
  promotionLoses: string | null;
  /** Runs that the server executes, newest first. */
  runs: ProvisionRun[];
  /** Open journals: what tests send to them. */
  journals: Set<(lines: JournalLines | { reason: string }) => void>;
};

export const account = { id: 'person-ada', name: 'Ada Admin', email: 'admin@example.org', password: 'correct horse battery staple' };

/** A world of so many good nodes, with or without what is hard to show. */
export function makeWorld(options: { good: number; isNasty: boolean }): FakeWorld {
  const nodes = [...Array.from({ length: options.good }, (_, at) => goodNode(at + 1)), ...(options.isNasty ? nastyNodes() : [])];
  const { operations, tasks } = options.isNasty ? fakeOperations(nodes.map(({ node }) => node)) : { operations: [], tasks: [] };
  return {
    nodes,
    events: fakeEvents(130),
    password: account.password,
    tokens: new Set(),
    sessions: new Set(),
    role: 'administrator',
    groups: null,
    mayExec: true,
    operations,
    tasks,
    views: [],
    people: fakePeople(account),
    keys: [],
    twoFactor: 'off',
    oidc: null,
    authorityPhase: null,
    brake: null,
    audit: options.isNasty ? fakeAudit() : [],
    environments: options.isNasty ? fakeEnvironments() : [],
    webhooks: [],
    subscriptions: [],
    pool: fakePool(),
    promotionLoses: null,
    runs: [],
    journals: new Set(),
  };
}
