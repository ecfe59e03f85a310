import { readServerMessage, type AgentMessage, type AgentSettings, type ServerMessage } from '@muster/api/agent';
import type { Cancel, Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Identity } from '../state/identity.ts';
import { boundedSettings, initialSettings } from './bounded-settings.ts';
import { Heartbeat } from './heartbeat.ts';
import { openSocket, type OpenedSocket } from './open-socket.ts';
import { Probe } from './probe.ts';
import { causeOf, detailOf, type SessionEnd, type SocketClose } from './session-end.ts';

const welcomeTimeoutMs = 20_000;
/** With other servers to go to: how long a host may take to answer at all, and how long to bring TLS about, from the beginning. */
const connectTimeoutMs = 2000;
const secureTimeoutMs = 6000;
/** When the peer does not complete the closing handshake, the socket is dropped. */
const closeTimeoutMs = 2000;
const maxRefusalLength = 1000;

export type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

export type SessionParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly server: string;
  readonly identity: Identity;
  /** PEM of the roots that a server's certificate may lead to. */
  readonly rootsPem: string;
  readonly hello: () => AgentMessage;
  readonly nextSequence: () => number;
  /** This connection takes over from a working one. */
  readonly takesOver: boolean;
  /** There are other servers: one whose host does not answer is given up soon. */
  readonly hasOthers: boolean;
  readonly onWelcome: (welcome: Welcome) => void;
  readonly onSettings: (settings: AgentSettings) => void;
  /** Every other message, once the session is welcome. */
  readonly onMessage: (message: ServerMessage) => void;
  /** Called exactly once. */
  readonly onEnd: (end: SessionEnd) => void;
};

/** One connection to one server, from opening to end: hello, welcome, heartbeats, messages. Never throws. */
export class Session {
  readonly server: string;
  readonly identity: Identity;
  readonly #parts: SessionParts;
  readonly #opened: OpenedSocket;
  readonly #heartbeat: Heartbeat;
  readonly #probe: Probe;
  #cancelWelcome: Cancel;
  #cancelConnect: Cancel = () => undefined;
  #wasSilent = false;
  #welcomeAtMs: number | undefined;
  #error: unknown;
  #http: { readonly status: number; readonly body: string } | undefined;
  #endedByUs: string | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.server = parts.server;
    this.identity = parts.identity;
    this.#opened = openSocket(parts.server, parts.identity, parts.rootsPem);
    this.#heartbeat = new Heartbeat(initialSettings, {
      clock: parts.clock,
      nextSequence: parts.nextSequence,
      send: (message) => this.#write(message),
      onDead: () => this.#silent('heartbeats are not answered'),
    });
    this.#probe = new Probe({
      clock: parts.clock,
      ping: () => this.#ping(),
      onSilent: () => this.#silent('nothing is heard of the server, not even answers to pings'),
    });
    this.#cancelWelcome = parts.clock.after(welcomeTimeoutMs, () => this.#fail('no welcome in time'));
    if (parts.hasOthers) this.#watchConnect();
    this.#listen();
  }

  /** Whether TLS stands: the server is alive. */
  get isSecured(): boolean {
    return this.#opened.isSecured();
  }

  /** Sends a message; false when this connection cannot carry it now. */
  send(message: AgentMessage): boolean {
    if (this.#welcomeAtMs === undefined || this.#opened.socket.readyState !== this.#opened.socket.OPEN) return false;
    this.#write(message);
    return true;
  }

  get backlogBytes(): number {
    return this.#opened.socket.bufferedAmount;
  }

  /** Ends the connection in good order. */
  close(reason: string): void {
    this.#endedByUs ??= reason;
    this.#stopTimers();
    const { socket } = this.#opened;
    if (socket.readyState === socket.OPEN) {
      socket.close(1000, reason);
      this.#cancelWelcome = this.#parts.clock.after(closeTimeoutMs, () => socket.terminate());
    } else {
      socket.terminate();
    }
  }

  #watchConnect(): void {
    const { clock } = this.#parts;
    this.#cancelConnect = clock.after(connectTimeoutMs, () => {
      if (!this.#opened.isConnected()) return this.#fail('its host does not answer');
      this.#cancelConnect = clock.after(secureTimeoutMs - connectTimeoutMs, () => {
        if (!this.#opened.isSecured()) this.#fail('no TLS in time');
      });
    });
  }

  #listen(): void {
    const { socket } = this.#opened;
    socket.on('pong', () => this.#probe.heard());
    socket.on('ping', () => this.#probe.heard());
    socket.on('open', () => this.#write(this.#parts.hello()));
    socket.on('message', (data, isBinary) => {
      this.#probe.heard();
      if (!isBinary && Buffer.isBuffer(data)) this.#receive(data.toString('utf8'));
    });
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < maxRefusalLength) body += chunk;
      });
      response.once('close', () => {
        this.#http = { status: response.statusCode ?? 0, body: body.slice(0, maxRefusalLength) };
        socket.terminate();
      });
    });
    socket.once('close', (code, reason) => this.#end(code, reason.toString('utf8')));
  }

  #receive(text: string): void {
    const message = readServerMessage(text);
    if (message === undefined) this.#parts.log.debug('a message of the server is not understood and ignored', { bytes: text.length });
    else if (this.#endedByUs === undefined) this.#act(message);
  }

  #act(message: ServerMessage): void {
    if (message.type === 'welcome') this.#welcome(message);
    else if (this.#welcomeAtMs === undefined) this.#parts.log.debug('a message before the welcome is ignored', { type: message.type });
    else if (message.type === 'heartbeat-ack') this.#heartbeat.acknowledged(message.sequence);
    else if (message.type === 'settings') this.#applySettings(message.settings);
    else this.#parts.onMessage(message);
  }

  #welcome(message: Welcome): void {
    if (this.#welcomeAtMs !== undefined) return;
    this.#cancelWelcome();
    this.#welcomeAtMs = this.#parts.clock.monotonicMs();
    const settings = boundedSettings(message.settings);
    this.#heartbeat.apply(settings);
    this.#parts.onWelcome({ ...message, settings });
    this.#heartbeat.start(this.#parts.takesOver);
    this.#probe.apply(settings);
  }

  #applySettings(wanted: AgentSettings): void {
    const settings = boundedSettings(wanted);
    this.#heartbeat.apply(settings);
    this.#probe.apply(settings);
    this.#parts.onSettings(settings);
  }

  #write(message: AgentMessage): void {
    // A failed write ends in `close`, which says why.
    this.#opened.socket.send(JSON.stringify(message), () => undefined);
  }

  #ping(): void {
    const { socket } = this.#opened;
    if (socket.readyState === socket.OPEN) socket.ping(() => undefined);
  }

  #silent(why: string): void {
    this.#wasSilent = true;
    this.#fail(why);
  }

  #fail(why: string): void {
    this.#error ??= new Error(why);
    this.#opened.socket.terminate();
  }

  #stopTimers(): void {
    this.#cancelWelcome();
    this.#cancelConnect();
    this.#heartbeat.stop();
    this.#probe.stop();
  }

  #end(code: number, reason: string): void {
    this.#stopTimers();
    const { clock, onEnd } = this.#parts;
    const lastedMs = this.#welcomeAtMs === undefined ? undefined : clock.monotonicMs() - this.#welcomeAtMs;
    if (this.#endedByUs !== undefined) {
      onEnd({ cause: 'closed', detail: this.#endedByUs, lastedMs });
      return;
    }
    const close: SocketClose = {
      code,
      reason,
      error: this.#error,
      wasSecured: this.#opened.isSecured(),
      wasWelcome: lastedMs !== undefined,
      wasSilent: this.#wasSilent,
      ...(this.#http === undefined ? {} : { http: this.#http }),
    };
    onEnd({ cause: causeOf(close), detail: detailOf(close), lastedMs });
  }
}
