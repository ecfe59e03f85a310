import { FakeClock, KeptLog } from '@muster/testkit';
import { LivenessLoop } from '../src/index.ts';
import { FakeAgentControl } from './fake-agent-control.ts';
import { FakeAgentStore } from './fake-agent-store.ts';
import { FakePresence } from './fake-presence.ts';

export const thresholdMs = 40_000;

/** A monitor with everything it needs in a test's hand. A later process is a new fixture over the same store. */
export class LivenessFixture {
  readonly clock: FakeClock;
  readonly store: FakeAgentStore;
  readonly presence: FakePresence;
  readonly control: FakeAgentControl;
  readonly log = new KeptLog();
  settings = { enabled: true, thresholdMs, heartbeatSeconds: 5 };
  graceLeftMs = 0;
  readonly loop: LivenessLoop;

  constructor(before?: LivenessFixture) {
    this.clock = before?.clock ?? new FakeClock();
    this.store = before?.store ?? new FakeAgentStore(this.clock);
    this.presence = new FakePresence(this.clock);
    this.control = before?.control ?? new FakeAgentControl(this.store);
    this.loop = new LivenessLoop({
      store: this.store,
      presence: this.presence,
      control: this.control,
      clock: this.clock,
      log: this.log,
      settings: () => this.settings,
      graceLeftMs: () => this.graceLeftMs,
      chance: () => 0,
    });
  }

  /** Nodes that exist; each is heard now by this process. */
  add(...names: readonly string[]): this {
    for (const name of names) this.store.put(name);
    this.hear(...names);
    return this;
  }

  /** Heartbeats come now, at this process, which writes them. */
  hear(...names: readonly string[]): void {
    for (const name of names) this.presence.hear(name);
    this.store.hear(...names);
  }

  /** Lets seconds pass with a round in each; `alive` are heard every five of them. */
  async run(seconds: number, alive: readonly string[] = []): Promise<void> {
    for (let second = 1; second <= seconds; second += 1) {
      this.clock.pass(1000);
      if (second % 5 === 0) this.hear(...alive);
      await this.loop.tick();
      await this.#quiet();
    }
  }

  /** What was begun and does not hang has ended. */
  async #quiet(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }
}

export const names = (count: number, prefix = 'ok'): string[] => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
