/** Work that is done again and again; a round that takes long is not overtaken by the next. */
export class Rounds {
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();

  /** The work must not throw. */
  every(intervalMs: number, work: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      const round = work().finally(() => {
        busy = false;
        this.#running.delete(round);
      });
      this.#running.add(round);
    }, intervalMs);
    this.#timers.push(timer);
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
  }
}
