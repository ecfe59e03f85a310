import type { EnvironmentsReport } from '@muster/api/agent';
import type { Cancel, Clock } from '../clock.ts';

export type EnvironmentWatcherParts = {
  readonly clock: Clock;
  readonly look: () => Promise<EnvironmentsReport>;
  readonly onEnvironments: (report: EnvironmentsReport) => void;
};

/** Somebody who changes environments by hand is seen after so long. */
const lookMs = 60_000;

/** Looks at what environments there are: at the start, after each task, and every minute. */
export class EnvironmentWatcher {
  readonly #parts: EnvironmentWatcherParts;
  #cancel: Cancel = () => undefined;
  #stopped = false;

  constructor(parts: EnvironmentWatcherParts) {
    this.#parts = parts;
  }

  /** Looks now, and again every minute. */
  async look(): Promise<void> {
    this.#cancel();
    const { clock, look, onEnvironments } = this.#parts;
    const report = await look();
    if (this.#stopped) return;
    onEnvironments(report);
    // Another look may have begun meanwhile; one timer is enough.
    this.#cancel();
    this.#cancel = clock.after(lookMs, () => void this.look());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }
}
