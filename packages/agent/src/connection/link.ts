import type { AgentMessage, AgentSettings, ServerMessage } from '@muster/api/agent';
import type { Cancel, Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Identity } from '../state/identity.ts';
import { initialSettings } from './bounded-settings.ts';
import { freshState, nextServer, planReconnect } from './reconnect-plan.ts';
import type { EndCause, SessionEnd } from './session-end.ts';
import { Session, type SessionParts, type Welcome } from './session.ts';
import { adviceFor } from './advice.ts';

const maxIdentities = 3;

export type LinkParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly hello: () => AgentMessage;
  /** PEM of the roots to trust, besides that of the identity that is shown. */
  readonly rootsPem: () => string;
  /** Called on every welcome, with the identity that was accepted and whether that was a hand-over. */
  readonly onWelcome: (welcome: Welcome, identity: Identity, tookOver: boolean) => void;
  readonly onSettings: (settings: AgentSettings) => void;
  readonly onMessage: (message: ServerMessage) => void;
  /** Called when the node is no longer connected. */
  readonly onLost: () => void;
};

/** How a hand-over went: `welcome`, or why the new connection ended. */
export type HandOverResult = 'welcome' | EndCause;

/**
 * Keeps this node connected to one of its servers: opens a session, opens the next when it ends, and hands over to a new
 * identity without a gap.
 */
export class Link {
  readonly #parts: LinkParts;
  #identities: readonly Identity[];
  #servers: readonly string[];
  #server: string | undefined;
  #settings: AgentSettings = initialSettings;
  #state = freshState;
  #main: Session | undefined;
  #candidate: Session | undefined;
  #cancelRetry: Cancel | undefined;
  #sequence = 0;
  #stopped: (() => void) | undefined;

  /** `identities`: at least one, the one to prefer first. `servers`: at least one. */
  constructor(parts: LinkParts, identities: readonly Identity[], servers: readonly string[]) {
    this.#parts = parts;
    this.#identities = identities;
    this.#servers = servers;
  }

  start(): void {
    this.#server = nextServer(this.#servers, this.#server);
    const identity = this.#identities[0];
    if (this.#server === undefined || identity === undefined) return;
    const main = this.#open(this.#server, identity, false, (end) => this.#mainEnded(main, end));
    this.#main = main;
  }

  /** Ends the connection in good order; resolves when it is closed. */
  stop(): Promise<void> {
    this.#cancelRetry?.();
    const main = this.#main;
    return new Promise((resolve) => {
      this.#stopped = resolve;
      this.#candidate?.close('agent stops');
      if (main === undefined) resolve();
      else main.close('agent stops');
    });
  }

  /** Sends a message to the server; false when there is no welcome connection. */
  send(message: AgentMessage): boolean {
    return this.#main?.send(message) ?? false;
  }

  /** Bytes that were given to the connection and that it has not sent yet. */
  get backlogBytes(): number {
    return this.#main?.backlogBytes ?? 0;
  }

  /** The servers to use from the next connection on. */
  useServers(servers: readonly string[]): void {
    if (servers.length > 0) this.#servers = servers;
  }

  /**
   * Opens a second connection with another identity and, once that is welcome, closes the first: no heartbeat is missed. When
   * it fails the first one stays as it was.
   */
  handOver(identity: Identity): Promise<HandOverResult> {
    const server = this.#main?.server ?? this.#server;
    if (server === undefined || this.#candidate !== undefined) return Promise.resolve('unreachable');
    return new Promise((resolve) => {
      const onEnd = (end: SessionEnd): void => {
        if (this.#candidate === candidate) this.#candidateEnded(identity, end);
        else this.#mainEnded(candidate, end);
        resolve(end.cause);
      };
      const onFirstWelcome = (): void => {
        this.#adopt(candidate);
        resolve('welcome');
      };
      const candidate = this.#open(server, identity, true, onEnd, onFirstWelcome);
      this.#candidate = candidate;
    });
  }

  /** What was accepted is offered first the next time. */
  #prefer(identity: Identity): void {
    const others = this.#identities.filter((one) => one.generation !== identity.generation);
    this.#identities = [identity, ...others].slice(0, maxIdentities);
  }

  #candidateEnded(identity: Identity, end: SessionEnd): void {
    this.#candidate = undefined;
    if (end.cause === 'refused') this.#identities = this.#identities.filter((one) => one.generation !== identity.generation);
    this.#parts.log.warn('the new identity was not accepted', { serial: identity.serial, cause: end.cause, detail: end.detail });
    if (this.#main === undefined && this.#cancelRetry === undefined) this.#retryAfter(end);
  }

  #adopt(candidate: Session): void {
    const before = this.#main;
    this.#candidate = undefined;
    this.#main = candidate;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    before?.close('replaced by a newer connection of this agent');
  }

  #open(server: string, identity: Identity, takesOver: boolean, onEnd: (end: SessionEnd) => void, onFirstWelcome?: () => void): Session {
    const { clock, log, hello, rootsPem, onWelcome, onSettings, onMessage } = this.#parts;
    log.debug('connecting', { server, serial: identity.serial });
    const parts: SessionParts = {
      clock,
      log,
      server,
      identity,
      rootsPem: rootsPem() + identity.rootPem,
      hello,
      takesOver,
      onEnd,
      nextSequence: () => this.#sequence++,
      onWelcome: (welcome) => {
        log.info('connected', { server, node: welcome.nodeName, nodeId: welcome.nodeId, serial: identity.serial });
        this.#settings = welcome.settings;
        this.#prefer(identity);
        onFirstWelcome?.();
        onWelcome(welcome, identity, takesOver);
      },
      onSettings: (settings) => {
        this.#settings = settings;
        onSettings(settings);
      },
      onMessage,
    };
    return new Session(parts);
  }

  #mainEnded(session: Session, end: SessionEnd): void {
    // A connection that was handed over ends later than its successor began.
    if (this.#main !== session) return;
    this.#main = undefined;
    if (this.#stopped !== undefined) return this.#stopped();
    this.#parts.onLost();
    // The server puts the old connection out as soon as the new one comes: the hand-over decides how it goes on.
    if (end.cause === 'replaced' && this.#candidate !== undefined) return;
    this.#retryAfter(end);
  }

  #retryAfter({ cause, detail, lastedMs }: SessionEnd): void {
    if (cause === 'closed' || this.#stopped !== undefined) return;
    const { clock, log } = this.#parts;
    const situation = {
      cause,
      lastedMs,
      identities: this.#identities.length,
      heartbeatSeconds: this.#settings.heartbeatSeconds,
      random: clock.random,
    };
    const plan = planReconnect(this.#state, situation);
    this.#state = plan.state;
    const fields = { server: this.#server, cause, detail, retrySeconds: Math.round(plan.delayMs / 100) / 10 };
    log.warn('not connected to the server', { ...fields, advice: adviceFor(cause, detail, this.#identities[0], clock.wallMs()) });
    if (plan.useNextIdentity) this.#identities = [...this.#identities.slice(1), ...this.#identities.slice(0, 1)];
    this.#cancelRetry = clock.after(plan.delayMs, () => {
      this.#cancelRetry = undefined;
      this.start();
    });
  }
}
