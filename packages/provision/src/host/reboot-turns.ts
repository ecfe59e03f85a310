/**
 * Who of a cluster may be away at the same time while its hosts reboot. Whoever goes alone waits for all that came before and is waited for
 * by all that come after; the others go together, so many at a time.
 */
export class RebootTurns {
  readonly #atOnce: number;
  #last: Promise<unknown> = Promise.resolve();
  readonly #away = new Set<Promise<unknown>>();
  readonly #waiting: (() => void)[] = [];
  #free: number;
  readonly #failed: string[] = [];

  /** `atOnce`: on how many hosts `together` works at the same time. */
  constructor(atOnce: number) {
    this.#atOnce = Math.max(1, atOnce);
    this.#free = this.#atOnce;
  }

  /** Names of those whose turn alone has failed. */
  get failed(): readonly string[] {
    return this.#failed;
  }

  /** Does the work while nobody else is away, unless `mayBegin` throws: then the turn passes by and has not failed. Rejects as either does. */
  alone(name: string, work: () => Promise<void>, mayBegin: () => void = () => undefined): Promise<void> {
    const turn = Promise.allSettled([this.#last, ...this.#away]).then(async () => {
      mayBegin();
      await this.#noting(name, work);
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #noting(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failed.push(name);
      throw error;
    }
  }

  /** Does the work while nobody is away alone. Rejects as the work does. */
  together(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(() => this.#inPlace(work)).finally(() => this.#away.delete(turn));
    this.#away.add(turn);
    return turn;
  }

  async #inPlace(work: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
