/** Stops what was to happen later; harmless when it has happened. */
export type Cancel = () => void;

/** Time and chance, injected so that tests hold both in hand. */
export type Clock = {
  /** Milliseconds that only grow, whatever happens to the node's clock. All waiting is measured by it. */
  readonly monotonicMs: () => number;
  /** The node's clock, milliseconds since the epoch. Reported to the server, and asked for a certificate's age. */
  readonly wallMs: () => number;
  readonly after: (delayMs: number, act: () => void) => Cancel;
  /** At least 0, less than 1. */
  readonly random: () => number;
};

/** The clock of the machine. Its timers keep the program alive. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** `value` moved by up to `share` of itself in either direction. */
export const jittered = (value: number, share: number, random: () => number): number => value * (1 - share + 2 * share * random());
