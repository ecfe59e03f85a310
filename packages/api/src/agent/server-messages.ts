/*
 * The server's half of the protocol, as plain types. Nothing here or in what it imports may load zod: an agent runs on every
 * node with a budget of 70 MB of memory, of which a schema library would take a fifth.
 */

/** Version of the messages between agent and server. A server speaks with agents of its own and the previous version. */
export const protocolVersion = 1;

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
};

/** What the server says. */
export type ServerMessage =
  | { readonly type: 'welcome'; readonly nodeId: string; readonly nodeName: string; readonly settings: AgentSettings }
  | { readonly type: 'settings'; readonly settings: AgentSettings }
  | { readonly type: 'heartbeat-ack'; readonly sequence: number }
  | { readonly type: 'certificate'; readonly id: string; readonly chainPem: string }
  | { readonly type: 'renewal-refused'; readonly id: string; readonly reason: string };

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
