import type { AgentMessage, AgentSettings, ServerMessage } from '@muster/api/agent';
import type { Cancel, Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Identity } from '../state/identity.ts';
import { initialSettings } from './bounded-settings.ts';
import { freshState, goOnAfterMs, planReconnect } from './reconnect-plan.ts';
import { attemptOrder, FailedServers } from './server-order.ts';
import { ServerRound } from './server-round.ts';
import type { EndCause, SessionEnd } from './session-end.ts';
import { Session, type SessionParts, type Welcome } from './session.ts';
import { adviceFor } from './advice.ts';

const maxIdentities = 3;
const longestMoveSeconds = 3600;
/** A move that comes while a new identity is being proven waits for that. */
const moveAgainMs = 5000;

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
  /** Called when the node is no longer connected, or goes over to another server: what was under way with the one before is void. */
  readonly onLost: () => void;
};

/** How a hand-over went: `welcome`, or why the new connection ended. */
export type HandOverResult = 'welcome' | EndCause;

type OpenWish = {
  readonly server: string;
  readonly identity: Identity;
  readonly takesOver: boolean;
  /** Called before anybody else hears of the welcome. */
  readonly onFirstWelcome: () => void;
  readonly onEnd: (end: SessionEnd) => void;
};

/**
 * Keeps this node connected to one of its servers: goes round them until one welcomes it, goes on to the next when a connection ends, and
 * hands over to a new identity or to another server without a gap.
 */
export class Link {
  readonly #parts: LinkParts;
  readonly #failed = new FailedServers();
  readonly #sessions = new Set<Session>();
  #identities: readonly Identity[];
  #servers: readonly string[];
  /** The one whose connection ended last. */
  #ended: string | undefined;
  #settings: AgentSettings = initialSettings;
  #state = freshState;
  #main: Session | undefined;
  #round: ServerRound<Session> | undefined;
  #candidate: Session | undefined;
  #cancelRetry: Cancel | undefined;
  #cancelMove: Cancel = () => undefined;
  #sequence = 0;
  #stopped: (() => void) | undefined;

  /** `identities`: at least one, the one to prefer first. `servers`: at least one. */
  constructor(parts: LinkParts, identities: readonly Identity[], servers: readonly string[]) {
    this.#parts = parts;
    this.#identities = identities;
    this.#servers = servers;
  }

  start(): void {
    this.#goRound();
  }

  /** Ends the connection in good order; resolves when it is closed. */
  stop(): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelMove();
    return new Promise((resolve) => {
      this.#stopped = resolve;
      this.#round?.cancel('agent stops');
      for (const session of this.#sessions) session.close('agent stops');
      if (this.#sessions.size === 0) resolve();
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

  /** The servers to use from the next connection on, the one to prefer first. */
  useServers(servers: readonly string[]): void {
    if (servers.length > 0) this.#servers = servers;
  }

  /**
   * Opens a second connection with another identity and, once that is welcome, closes the first: no heartbeat is missed. When
   * it fails the first one stays as it was.
   */
  async handOver(identity: Identity): Promise<HandOverResult> {
    const server = this.#main?.server ?? this.#ended ?? this.#servers[0];
    if (server === undefined || this.#candidate !== undefined) return 'unreachable';
    const end = await this.#takeOver(server, identity);
    if (end === undefined) return 'welcome';
    if (end.cause === 'refused') this.#identities = this.#identities.filter((one) => one.generation !== identity.generation);
    this.#parts.log.warn('the new identity was not accepted', { serial: identity.serial, cause: end.cause, detail: end.detail });
    return end.cause;
  }

  /**
   * Prefers these servers from now on, and goes over to the first of them at some moment within so many seconds: the connection there is
   * welcome before the one here is closed. When it fails this node stays where it is. A later call takes the place of one that waits.
   */
  move(servers: readonly string[], withinSeconds: number): void {
    this.useServers(servers);
    this.#moveIn(Math.min(withinSeconds, longestMoveSeconds) * 1000 * this.#parts.clock.random());
  }

  #moveIn(delayMs: number): void {
    this.#cancelMove();
    this.#cancelMove = this.#parts.clock.after(delayMs, () => void this.#moveNow());
  }

  async #moveNow(): Promise<void> {
    const { clock, log } = this.#parts;
    const [before, server] = [this.#main, this.#servers[0]];
    // Whoever is not connected finds the way by the new order anyway.
    if (before === undefined || server === undefined || server === before.server) return;
    if (this.#candidate !== undefined) return this.#moveIn(moveAgainMs);
    log.info('going over to another server', { from: before.server, to: server });
    const end = await this.#takeOver(server, before.identity);
    if (end === undefined || this.#stopped !== undefined) return;
    this.#failed.failed(server, clock.monotonicMs());
    log.warn('could not go over to the other server', { from: before.server, to: server, cause: end.cause, detail: end.detail });
  }

  /** Opens a connection beside the one in use, which it replaces once it is welcome. Resolves with its end where it never was. */
  #takeOver(server: string, identity: Identity): Promise<SessionEnd | undefined> {
    return new Promise((resolve) => {
      const onEnd = (end: SessionEnd): void => {
        if (this.#candidate === candidate) this.#candidateEnded(server, end);
        else this.#mainEnded(candidate, end);
        resolve(end);
      };
      const onFirstWelcome = (): void => {
        this.#adopt(candidate);
        resolve(undefined);
      };
      const candidate = this.#open({ server, identity, takesOver: true, onFirstWelcome, onEnd });
      this.#candidate = candidate;
    });
  }

  /** What was accepted is offered first the next time. */
  #prefer(identity: Identity): void {
    const others = this.#identities.filter((one) => one.generation !== identity.generation);
    this.#identities = [identity, ...others].slice(0, maxIdentities);
  }

  #candidateEnded(server: string, end: SessionEnd): void {
    this.#candidate = undefined;
    if (this.#main === undefined && this.#cancelRetry === undefined && this.#round === undefined) this.#retryAfter(end, server);
  }

  #adopt(candidate: Session): void {
    const before = this.#main;
    this.#candidate = undefined;
    this.#main = candidate;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#round?.cancel('another connection is welcome');
    this.#round = undefined;
    if (before !== undefined && before.server !== candidate.server) this.#parts.onLost();
    before?.close('replaced by a newer connection of this agent');
  }

  /** Tries all servers. `lost`: the connection that worked until now, which says how long to wait when none of them welcomes this node. */
  #goRound(lost?: SessionEnd): void {
    const { clock } = this.#parts;
    const servers = attemptOrder(this.#servers, this.#failed.lately(clock.monotonicMs()), this.#ended);
    const [identity] = this.#identities;
    if (identity === undefined || servers.length === 0) return;
    this.#round = new ServerRound<Session>({
      clock,
      servers,
      open: (server, { onWelcome, onEnd }) => {
        const ended = (end: SessionEnd): void => {
          if (this.#main === session) this.#mainEnded(session, end);
          else onEnd(end);
        };
        const session = this.#open({ server, identity, takesOver: false, onFirstWelcome: onWelcome, onEnd: ended });
        return session;
      },
      onPoor: (server) => this.#failed.failed(server, clock.monotonicMs()),
      onWon: (session) => {
        this.#round = undefined;
        this.#main = session;
      },
      onFailed: (end, server) => {
        this.#round = undefined;
        this.#retryAfter(lost === undefined || end.cause !== 'unreachable' ? end : { ...lost, detail: end.detail }, server);
      },
    });
    this.#round.start();
  }

  #open({ server, identity, takesOver, onFirstWelcome, onEnd }: OpenWish): Session {
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
      hasOthers: this.#servers.length > 1,
      onEnd: (end) => {
        this.#sessions.delete(session);
        onEnd(end);
        if (this.#sessions.size === 0) this.#stopped?.();
      },
      nextSequence: () => this.#sequence++,
      onWelcome: (welcome) => {
        log.info('connected', { server, node: welcome.nodeName, nodeId: welcome.nodeId, serial: identity.serial });
        this.#settings = welcome.settings;
        this.#prefer(identity);
        this.#failed.worked(server);
        onFirstWelcome();
        onWelcome(welcome, identity, takesOver);
      },
      onSettings: (settings) => {
        this.#settings = settings;
        onSettings(settings);
      },
      onMessage,
    };
    const session = new Session(parts);
    this.#sessions.add(session);
    return session;
  }

  #mainEnded(session: Session, end: SessionEnd): void {
    // A connection that was handed over ends later than its successor began.
    if (this.#main !== session) return;
    this.#main = undefined;
    this.#ended = session.server;
    if (this.#stopped !== undefined) return;
    this.#parts.onLost();
    // The server puts the old connection out as soon as the new one comes: the hand-over decides how it goes on.
    if (end.cause === 'replaced' && this.#candidate !== undefined) return;
    const others = this.#servers.filter((one) => one !== session.server);
    const delayMs = others.length === 0 ? undefined : goOnAfterMs(end, this.#parts.clock.random);
    if (delayMs === undefined) this.#retryAfter(end, session.server);
    else this.#goOn(end, session.server, delayMs);
  }

  /** Another server takes the place of the one that is gone: at once, but for some chance, so that a whole fleet does not come together. */
  #goOn(end: SessionEnd, server: string, delayMs: number): void {
    const { clock, log } = this.#parts;
    this.#failed.failed(server, clock.monotonicMs());
    log.warn('the server is gone; going on to another', { server, cause: end.cause, detail: end.detail });
    this.#cancelRetry = clock.after(delayMs, () => {
      this.#cancelRetry = undefined;
      this.#goRound(end);
    });
  }

  #retryAfter({ cause, detail, lastedMs }: SessionEnd, server: string): void {
    this.#ended = server;
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
    const fields = { server, cause, detail, retrySeconds: Math.round(plan.delayMs / 100) / 10 };
    log.warn('not connected to the server', { ...fields, advice: adviceFor(cause, detail, this.#identities[0], clock.wallMs()) });
    if (plan.useNextIdentity) this.#identities = [...this.#identities.slice(1), ...this.#identities.slice(0, 1)];
    this.#cancelRetry = clock.after(plan.delayMs, () => {
      this.#cancelRetry = undefined;
      this.#goRound();
    });
  }
}
