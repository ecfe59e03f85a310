/*
 * The server's half of the protocol, as plain types. Nothing here or in what it imports may load zod: an agent runs on every
 * node with a budget of 70 MB of memory, of which a schema library would take a fifth.
 */

/** Version of the messages that the agents of this release say. It grows one release after servers have learnt to speak it. */
export const protocolVersion = 1;

/**
 * The versions that the servers of this release speak: that of its own agents, of those of the release before, and, once there is one to come, of
 * those of the release after. So agents and servers of releases next to each other always understand each other.
 */
export const spokenProtocols: { readonly oldest: number; readonly newest: number } = { oldest: 1, newest: 1 };

/** An upper bound of one message, in bytes. A longer one closes the connection. */
export const maxMessageBytes = 1_048_576;

/** What the server asks of an agent. Sent in `welcome` and again whenever it changes. */
export type AgentSettings = {
  readonly heartbeatSeconds: number;
  /** Without an answer for this long the agent takes the connection for dead. */
  readonly timeoutSeconds: number;
  /** Longest time between two full reports. */
  readonly reportSeconds: number;
  /** `host:port` of every server, the one to prefer first. */
  readonly servers: readonly string[];
  /**
   * How often the agent pings its connection, where there is another server to go to. Left out by a server that is alone, and by one of
   * before there were several: the agent then relies on its heartbeats.
   */
  readonly probeSeconds?: number;
  /** With nothing heard for this long, pongs included, the agent goes to another server. */
  readonly probeTimeoutSeconds?: number;
};

/**
 * Work for a node. The agent looks at it by `kind` and refuses what it does not know: `service` (action, unit), `exec` (command),
 * `rotate`, `environment`.
 */
export type TaskWork = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** Tasks of one lane are done in order, one at a time; a long one of one lane does not hold up the other. */
export const taskLanes = ['control', 'environment', 'certificate'] as const;
export type TaskLane = (typeof taskLanes)[number];

/** One task for this node. An id that the agent has seen is never done again: its recorded result is the answer. */
export type TaskMessage = {
  readonly type: 'task';
  readonly id: string;
  readonly lane: TaskLane;
  /**
   * From its arrival on: what has not begun by then is not begun any more, and answered with `expired`. Not above zero when the server
   * only wants to know how it ended.
   */
  readonly beginWithinSeconds: number;
  /** After this long the agent ends it. */
  readonly timeoutSeconds: number;
  readonly work: TaskWork;
};

/** Opens a unit's journal: the last `lines` lines, and with `follow` what comes, until `journal-close` or the agent's `journal-end`. */
export type JournalOpenMessage = {
  readonly type: 'journal-open';
  readonly id: string;
  readonly unit: string;
  readonly lines: number;
  readonly follow: boolean;
};

/**
 * Go over to the first of these servers, at a moment of the agent's own choice within so many seconds, and prefer them in this order from
 * now on. The connection here is held until the one there is welcome. An agent of before there were several servers ignores it.
 */
export type MoveMessage = { readonly type: 'move'; readonly servers: readonly string[]; readonly withinSeconds: number };

/** What the server says. */
export type ServerMessage =
  | { readonly type: 'welcome'; readonly nodeId: string; readonly nodeName: string; readonly settings: AgentSettings }
  | { readonly type: 'settings'; readonly settings: AgentSettings }
  | { readonly type: 'heartbeat-ack'; readonly sequence: number }
  | { readonly type: 'certificate'; readonly id: string; readonly chainPem: string }
  | { readonly type: 'renewal-refused'; readonly id: string; readonly reason: string }
  /** Trust these roots (PEM, one after the other) from now on, and no others. The answer is `trusts`. */
  | { readonly type: 'trust'; readonly rootsPem: string }
  /** Get a new key and certificate now. */
  | { readonly type: 'rotate' }
  /** Of this node, this certificate alone is accepted from now on: those before it have ended. */
  | { readonly type: 'certificate-settled'; readonly serial: string }
  | TaskMessage
  /** End a task that runs, forget one that waits. The answer is its result. */
  | { readonly type: 'cancel-task'; readonly id: string }
  /** The server has the result on its disk: the agent need not say it again. */
  | { readonly type: 'task-recorded'; readonly id: string }
  | JournalOpenMessage
  | { readonly type: 'journal-close'; readonly id: string }
  | MoveMessage;

/** WebSocket close codes with which the server ends a connection, and what the agent makes of them. */
export const closeCodes = {
  /** The certificate is revoked, or the node was removed: coming back with it is useless. */
  refused: 4001,
  /** A newer connection of the same node took over. */
  replaced: 4002,
  /** A message was not understood. */
  protocol: 4003,
  /** The server is going down: come back, with jitter. */
  goingAway: 1001,
} as const;
