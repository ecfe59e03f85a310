/**
 * A time limit that stands still while a person is being asked something, so that nobody loses a login to a slow answer.
 * Node's timers are monotonic: a change of the wall clock does not matter.
 */
export class Deadline {
  #remainingMs: number;
  readonly #onExpiry: () => void;
  #timer: NodeJS.Timeout | undefined;
  #startedAtMs = 0;
  #pauses = 0;
  #over = false;

  constructor(seconds: number, onExpiry: () => void) {
    this.#remainingMs = seconds * 1000;
    this.#onExpiry = onExpiry;
    this.#start();
  }

  /** Runs `work` with the clock stopped. */
  async pausedFor<T>(work: () => Promise<T>): Promise<T> {
    this.#pause();
    try {
      return await work();
    } finally {
      this.#resume();
    }
  }

  /** Ends the limit; it can no longer expire. */
  clear(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #start(): void {
    this.#startedAtMs = performance.now();
    this.#timer = setTimeout(() => {
      this.#over = true;
      this.#onExpiry();
    }, this.#remainingMs);
  }

  #pause(): void {
    this.#pauses += 1;
    if (this.#pauses === 1 && !this.#over) {
      clearTimeout(this.#timer);
      this.#remainingMs = Math.max(0, this.#remainingMs - (performance.now() - this.#startedAtMs));
    }
  }

  #resume(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0 && !this.#over) {
      this.#start();
    }
  }
}
