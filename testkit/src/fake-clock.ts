import type { Clock } from '@muster/core';

/** Time in a test's hand: it stands still until the test lets it pass. Monotonic from 0; the wall clock shows 2026 and can be set apart. */
export class FakeClock implements Clock {
  nowMs = 0;
  /** What the wall clock showed when the monotonic one was at 0. */
  wallStartMs: number = Date.parse('2026-01-01T00:00:00Z');

  readonly monotonicMs = (): number => this.nowMs;
  readonly wallMs = (): number => this.wallStartMs + this.nowMs;

  pass(milliseconds: number): void {
    this.nowMs += milliseconds;
  }
}
