import type { AgentSettings } from '@muster/api/agent';
import { jittered, type Cancel, type Clock } from '../clock.ts';

const jitterShare = 0.1;
/** A timer that comes so late shows that this process was held up: the silence was its own. */
const heldUpMs = 500;

export type ProbeParts = {
  readonly clock: Clock;
  readonly ping: () => void;
  /** Called once, when nothing was heard for `probeTimeoutSeconds`. */
  readonly onSilent: () => void;
};

/**
 * Pings the connection and notices when nothing comes back: a host without power ends no connection, and heartbeats would take three
 * intervals to tell. Does nothing while the settings ask for no probes.
 */
export class Probe {
  readonly #parts: ProbeParts;
  #seconds: number | undefined;
  #limitMs = 0;
  #heardMs = 0;
  #cancelPing: Cancel = () => undefined;
  #cancelLook: Cancel = () => undefined;

  constructor(parts: ProbeParts) {
    this.#parts = parts;
  }

  /** Begins, goes on with other times, or ends, as the settings say. */
  apply({ probeSeconds, probeTimeoutSeconds }: AgentSettings): void {
    if (probeSeconds === undefined || probeTimeoutSeconds === undefined) {
      this.#seconds = undefined;
      return this.stop();
    }
    if (this.#seconds === probeSeconds && this.#limitMs === probeTimeoutSeconds * 1000) return;
    this.#seconds = probeSeconds;
    this.#limitMs = probeTimeoutSeconds * 1000;
    // Somewhere in the interval, so that nodes that came together do not ping together.
    this.#pingIn(probeSeconds * 1000 * this.#parts.clock.random());
    this.heard();
    this.#lookIn(this.#limitMs);
  }

  /** Anything came from the server. */
  heard(): void {
    this.#heardMs = this.#parts.clock.monotonicMs();
  }

  stop(): void {
    this.#cancelPing();
    this.#cancelLook();
  }

  #pingIn(delayMs: number): void {
    this.#cancelPing();
    this.#cancelPing = this.#parts.clock.after(delayMs, () => {
      this.#parts.ping();
      this.#pingIn(jittered((this.#seconds ?? 0) * 1000, jitterShare, this.#parts.clock.random));
    });
  }

  #lookIn(delayMs: number): void {
    const { clock } = this.#parts;
    const dueMs = clock.monotonicMs() + delayMs;
    this.#cancelLook();
    this.#cancelLook = clock.after(delayMs, () => this.#look(clock.monotonicMs() - dueMs));
  }

  #look(lateMs: number): void {
    const { clock, ping, onSilent } = this.#parts;
    if (lateMs > heldUpMs) {
      ping();
      this.heard();
    }
    const leftMs = this.#heardMs + this.#limitMs - clock.monotonicMs();
    if (leftMs > 0) return this.#lookIn(leftMs);
    this.stop();
    onSilent();
  }
}
