import { FakeClock, KeptLog } from '@muster/testkit';
import { HealthLoop } from '../src/index.ts';
import { FakeHealthStore } from './fake-health-store.ts';
import { FakePresence } from './fake-presence.ts';

/** Times as a small fleet has them: a time-out of 15 s, and 75 s after the server's start. */
export const timeoutMs = 15_000;
export const graceMs = 75_000;

/** A loop with everything it needs in a test's hand. */
export class HealthFixture {
  readonly clock = new FakeClock();
  readonly store = new FakeHealthStore(this.clock);
  readonly presence = new FakePresence(this.clock);
  readonly log = new KeptLog();
  timing = { timeoutMs, graceMs };
  readonly loop = new HealthLoop({
    store: this.store,
    presence: this.presence,
    clock: this.clock,
    log: this.log,
    timing: () => this.timing,
  });

  /** A server that has run for long: nothing is forgiven any more. */
  static settled(): HealthFixture {
    const fixture = new HealthFixture();
    fixture.clock.pass(graceMs);
    return fixture;
  }

  /** Lets time pass and the loop look once. */
  async after(milliseconds: number): Promise<void> {
    this.clock.pass(milliseconds);
    await this.loop.tick();
  }
}
