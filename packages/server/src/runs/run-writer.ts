import { setTimeout as sleep } from 'node:timers/promises';
import type { ProvisionRun } from '@muster/api';
import type { Log } from '@muster/core';
import { isStoreUnavailable, type NewEvent, type Store } from '@muster/store';

const usualTimes = { restMs: 1000, retryMs: 2000 };

/**
 * Writes how far a run is: the newest there is, one write at a time, and at most one a second, however much the run tells. What the database
 * does not take now it is given again, until the run is over and that is written or the server stops.
 */
export class RunWriter {
  readonly #store: Pick<Store, 'serverRuns'>;
  readonly #log: Log;
  readonly #times: typeof usualTimes;
  #look: (() => ProvisionRun) | undefined;
  #events: NewEvent[] = [];
  #loop: Promise<void> | undefined;
  #givenUp = false;
  #onTakenAway: () => void = () => undefined;

  constructor(store: Pick<Store, 'serverRuns'>, log: Log, times: typeof usualTimes = usualTimes) {
    this.#store = store;
    this.#log = log;
    this.#times = times;
  }

  /** There is news: `look` says how the run is when it is written. */
  tell(look: () => ProvisionRun, events: readonly NewEvent[] = []): void {
    this.#look = look;
    this.#events.push(...events);
    this.#loop ??= this.#write().finally(() => {
      this.#loop = undefined;
    });
  }

  /** Resolves when all that was told is written. */
  async settled(): Promise<void> {
    while (this.#loop !== undefined) await this.#loop;
  }

  /** Calls back when the store holds the run to be over while it goes on: this server was held to be gone. */
  whenTakenAway(callback: () => void): void {
    this.#onTakenAway = callback;
  }

  /** Tries no more. */
  giveUp(): void {
    this.#givenUp = true;
  }

  async #write(): Promise<void> {
    while (this.#look !== undefined && !this.#givenUp) {
      const [look, events] = [this.#look, this.#events];
      this.#look = undefined;
      this.#events = [];
      const run = look();
      try {
        const isKept = await this.#store.serverRuns.update(run, events);
        if (!isKept && run.state === 'running') this.#onTakenAway();
      } catch (error) {
        if (!isStoreUnavailable(error)) {
          this.#log.error({ runId: run.id, error: String(error) }, 'how far a run is could not be written down');
          return;
        }
        this.#look ??= look;
        this.#events.unshift(...events);
        await sleep(this.#times.retryMs, undefined, { ref: false });
        continue;
      }
      if (run.state !== 'running') return;
      await sleep(this.#times.restMs, undefined, { ref: false });
    }
  }
}
