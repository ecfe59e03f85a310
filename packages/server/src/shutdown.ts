import type { Log } from '@muster/core';

type Step = { readonly what: string; readonly end: () => Promise<unknown> | void };

/** What has been started, to be ended in the opposite order. One that fails to end does not keep the others running. */
export class Shutdown {
  readonly #log: Log;
  readonly #steps: Step[] = [];
  #running: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  add(what: string, end: Step['end']): void {
    this.#steps.push({ what, end });
  }

  /** Ends everything. Idempotent; never throws. */
  run(): Promise<void> {
    return (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    for (const { what, end } of this.#steps.splice(0).toReversed()) {
      try {
        await end();
      } catch (error) {
        this.#log.error({ what, error: String(error) }, 'a part of the server did not stop as it should');
      }
    }
  }
}
