import { AgentMessage, closeCodes, protocolVersion, type ServerMessage } from '@muster/api';
import type { WebSocket } from 'ws';
import type { Desk } from './desk.ts';
import type { Connection } from './presence.ts';
import type { SessionIdentity } from './session-identity.ts';

/** An agent that says nothing after it connected is dropped after this long. */
const helloTimeoutMs = 10_000;
/** Messages an agent may have waiting to be handled; a healthy one sends a few a minute. */
const maxWaiting = 64;

/**
 * One agent's connection. Messages are handled in order; heartbeats at once, so that a slow statement never makes a node
 * look dead. Whatever a message says, it is about this session's own node.
 */
export class Session implements Connection {
  readonly nodeId: string;
  readonly serial: string;
  readonly #identity: SessionIdentity;
  readonly #socket: WebSocket;
  readonly #desk: Desk;
  #greeted = false;
  #proven = false;
  #waiting = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(identity: SessionIdentity, socket: WebSocket, desk: Desk) {
    this.nodeId = identity.nodeId;
    this.serial = identity.serial;
    this.#identity = identity;
    this.#socket = socket;
    this.#desk = desk;
    const silence = setTimeout(() => this.close(closeCodes.protocol, 'no hello'), helloTimeoutMs);
    socket.on('message', (data: Buffer) => {
      clearTimeout(silence);
      this.#receive(data.toString('utf8'));
    });
    socket.on('error', (error) => desk.log.info({ node: identity.nodeName, error: error.message }, 'connection of an agent failed'));
    socket.on('close', () => {
      clearTimeout(silence);
      if (this.#greeted) desk.left(this, identity);
    });
  }

  /** Sends a message; nothing happens when the connection is already gone. */
  send(message: ServerMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), 2000).unref();
  }

  #receive(text: string): void {
    const message = parse(text);
    if (message === undefined || (message.type === 'hello') === this.#greeted) {
      this.#desk.log.warn({ node: this.#identity.nodeName }, 'an agent sent a message that is not of the protocol');
      this.close(closeCodes.protocol, 'message not understood');
      return;
    }
    if (message.type === 'hello') this.#greet(message);
    else if (message.type === 'heartbeat') this.#heartbeat(message.sequence, message.clockMs);
    else this.#queue(message);
  }

  #greet(hello: Extract<AgentMessage, { type: 'hello' }>): void {
    if (hello.protocol !== protocolVersion) {
      this.close(closeCodes.protocol, `this server speaks protocol ${protocolVersion}`);
      return;
    }
    this.#greeted = true;
    this.#desk.arrived(this, this.#identity, hello.clockMs);
    this.send({ type: 'welcome', nodeId: this.nodeId, nodeName: this.#identity.nodeName, settings: this.#desk.settings() });
  }

  #heartbeat(sequence: number, clockMs: number): void {
    this.#desk.heard(this.nodeId, clockMs);
    this.send({ type: 'heartbeat-ack', sequence });
    if (this.#proven) return;
    this.#proven = true;
    this.#enqueue(() => this.#desk.prove(this.serial));
  }

  #queue(message: Extract<AgentMessage, { type: 'report' | 'renew' }>): void {
    if (message.type === 'report') this.#enqueue(() => this.#desk.observed(this.#identity, message.facts, message.services));
    else this.#enqueue(async () => this.send(await this.#desk.renew(this.#identity, message.id, message.csrPem)));
  }

  #enqueue(task: () => Promise<void>): void {
    if (this.#waiting >= maxWaiting) {
      this.close(closeCodes.protocol, 'too many messages at once');
      return;
    }
    this.#waiting++;
    this.#work = this.#work.then(task).catch((error: unknown) => {
      this.#desk.log.error({ node: this.#identity.nodeName, error: String(error) }, 'a message of an agent could not be handled');
      // Coming back makes the agent report afresh, so nothing that was lost here stays lost.
      this.close(closeCodes.goingAway, 'try again');
    }).finally(() => { this.#waiting--; });
  }
}

function parse(text: string): AgentMessage | undefined {
  try {
    const result = AgentMessage.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
