import type { Clock } from '../src/clock.ts';

type Timer = { readonly atMs: number; readonly act: () => void };

/** Time in a test's hand. Random numbers come from `randoms`, then are one half. */
export class FakeClock implements Clock {
  nowMs = 0;
  wallOffsetMs = Date.parse('2026-01-01T00:00:00Z');
  readonly randoms: number[] = [];
  readonly #timers = new Set<Timer>();

  readonly monotonicMs = (): number => this.nowMs;
  readonly wallMs = (): number => this.wallOffsetMs + this.nowMs;
  readonly random = (): number => this.randoms.shift() ?? 0.5;
  readonly after = (delayMs: number, act: () => void): (() => void) => {
    const timer = { atMs: this.nowMs + delayMs, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and with it everything that was to happen in it. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.nowMs + milliseconds;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.#timers.delete(next);
      next.act();
      await settle();
    }
    this.nowMs = end;
    await settle();
  }

  #next(endMs: number): Timer | undefined {
    return [...this.#timers].filter((one) => one.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}

/** Lets promises that are ready go on. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
