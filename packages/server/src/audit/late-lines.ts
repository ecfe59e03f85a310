import type { Log } from '@muster/core';
import { isStoreUnavailable } from '@muster/store';

const againMs = 2000;
/** A database that is away for longer is repaired or restored, and the server's log has the line too. */
const giveUpAfterTries = 1800;

/** Lines of the audit log about what is done while the database is away: kept in memory and written when it is back. */
export class LateLines {
  readonly #log: Log;
  readonly #againMs: number;

  constructor(log: Log, everyMs = againMs) {
    this.#log = log;
    this.#againMs = everyMs;
  }

  /** Runs `write` until it goes through. What stands in `about` goes into the server's log at once. Never throws. */
  add(about: Readonly<Record<string, unknown>>, write: () => Promise<unknown>): void {
    this.#log.warn({ ...about }, 'done while the database is away; its line in the audit log is written when that is back');
    void this.#write(write);
  }

  async #write(write: () => Promise<unknown>): Promise<void> {
    for (let tries = 0; tries < giveUpAfterTries; tries += 1) {
      try {
        await write();
        return;
      } catch (error) {
        if (!isStoreUnavailable(error)) {
          this.#log.error({ error: String(error) }, 'a line of the audit log could not be written');
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, this.#againMs).unref());
      }
    }
    this.#log.error({}, 'a line of the audit log could not be written: the database did not come back');
  }
}
