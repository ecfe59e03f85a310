import type { AgentMessage, AgentSettings } from '@muster/api/agent';
import { jittered, type Cancel, type Clock } from '../clock.ts';

const jitterShare = 0.1;

export type HeartbeatParts = {
  readonly clock: Clock;
  readonly send: (message: AgentMessage) => void;
  /** Called once, when the server left a heartbeat without an answer for `timeoutSeconds`. */
  readonly onDead: () => void;
  /** Numbers go on over all connections of this process. */
  readonly nextSequence: () => number;
};

/** Sends heartbeats, and notices when they are no longer answered. */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  #settings: AgentSettings;
  #cancelNext: Cancel = () => undefined;
  #awaited: { readonly sequence: number; readonly cancel: Cancel } | undefined;

  constructor(settings: AgentSettings, parts: HeartbeatParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /**
   * Begins: at once when this connection takes over from another, else somewhere within the first interval, so that nodes
   * which came at the same moment do not beat at the same moment.
   */
  start(firstNow: boolean): void {
    if (firstNow) this.#beat();
    else this.#schedule(this.#settings.heartbeatSeconds * 1000 * this.#parts.clock.random());
  }

  /** Takes new settings at once: a shorter interval must not wait for the end of the longer one. */
  apply(settings: AgentSettings): void {
    const changed = settings.heartbeatSeconds !== this.#settings.heartbeatSeconds;
    this.#settings = settings;
    if (changed) this.#schedule(settings.heartbeatSeconds * 1000 * this.#parts.clock.random());
  }

  acknowledged(sequence: number): void {
    if (this.#awaited === undefined || !(sequence >= this.#awaited.sequence)) return;
    this.#awaited.cancel();
    this.#awaited = undefined;
  }

  stop(): void {
    this.#cancelNext();
    this.#awaited?.cancel();
    this.#awaited = undefined;
  }

  #schedule(delayMs: number): void {
    this.#cancelNext();
    this.#cancelNext = this.#parts.clock.after(delayMs, () => this.#beat());
  }

  #beat(): void {
    const { clock, send, nextSequence, onDead } = this.#parts;
    const sequence = nextSequence();
    send({ type: 'heartbeat', sequence, clockMs: clock.wallMs() });
    this.#awaited ??= { sequence, cancel: clock.after(this.#settings.timeoutSeconds * 1000, onDead) };
    this.#schedule(jittered(this.#settings.heartbeatSeconds * 1000, jitterShare, clock.random));
  }
}
