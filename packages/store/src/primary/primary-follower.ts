import type { Log } from '@muster/core';
import type { StoreConnection } from '../connection.ts';
import { StoreUnavailable } from '../errors.ts';
import { chooseCopy, choosePrimary } from './choose-primary.ts';
import { placeOf } from './host-urls.ts';
import { Probe } from './probe.ts';
import type { Copy, Route } from './route.ts';

const lookMs = 1000;
/** How long whoever needs a database waits for one that takes writes. */
const patienceMs = 5000;

/**
 * Follows the primary of several databases, of which a fail-over makes another one the primary at any time: asks each of them every
 * second. A connection to one that was replaced is told to end, also where that one hangs or cannot be reached any more.
 */
export class PrimaryFollower implements Route {
  readonly #urls: readonly string[];
  readonly #probes: readonly Probe[];
  readonly #log: Log;
  readonly #moved = new Set<() => void>();
  #primary: number | undefined;
  #copy: number | undefined;
  /** When a database that takes writes last answered, milliseconds of the monotonic clock. */
  #heardAtMs = performance.now();
  #next = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  /** Those who wait for the end of the next look. */
  readonly #waiting: ((isLooking: boolean) => void)[] = [];
  #stopped = false;

  private constructor(urls: readonly string[], log: Log) {
    this.#urls = urls;
    this.#log = log;
    this.#probes = urls.map((url) => new Probe(url, () => performance.now()));
  }

  static start(urls: readonly string[], log: Log): PrimaryFollower {
    const follower = new PrimaryFollower(urls, log);
    void follower.#look();
    return follower;
  }

  async current(): Promise<StoreConnection> {
    const untilMs = performance.now() + patienceMs;
    while (this.#primary === undefined && !this.#stopped) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw this.#nobody();
      await this.#within(leftMs);
    }
    const url = this.#primary === undefined ? undefined : this.#urls[this.#primary];
    if (url === undefined) throw this.#nobody();
    return { url };
  }

  copy(): Copy | undefined {
    const url = this.#copy === undefined ? undefined : this.#urls[this.#copy];
    return url === undefined ? undefined : { connection: { url }, ageMs: performance.now() - this.#heardAtMs };
  }

  lookAgain(): Promise<boolean> {
    if (this.#stopped) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  onMoved(callback: () => void): () => void {
    this.#moved.add(callback);
    return () => this.#moved.delete(callback);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const probe of this.#probes) probe.stop();
    this.#next.resolve();
    for (const resolve of this.#waiting.splice(0)) resolve(false);
  }

  /** One after the other: a database that is slow to answer holds up the next look, but none of the others in this one. */
  async #look(): Promise<void> {
    const answers = await Promise.all(this.#probes.map((probe) => probe.ask()));
    if (this.#stopped) return;
    this.#turnTo(choosePrimary(answers, this.#primary));
    this.#copy = chooseCopy(answers, this.#primary);
    if (answers[this.#primary ?? -1]?.role === 'primary') this.#heardAtMs = performance.now();
    for (const resolve of this.#waiting.splice(0)) resolve(true);
    this.#timer = setTimeout(() => void this.#look(), lookMs);
  }

  #turnTo(primary: number | undefined): void {
    if (primary === this.#primary) return;
    const hadOne = this.#primary !== undefined;
    const [from, to] = [this.#primary, primary].map((one) => placeOf(this.#urls[one ?? -1] ?? ''));
    this.#primary = primary;
    if (primary === undefined) this.#log.warn({ from }, 'no database takes writes now');
    else this.#log.info({ from, to }, 'the database that takes writes was found');
    if (primary !== undefined) {
      this.#next.resolve();
      this.#next = Promise.withResolvers<void>();
    }
    // Connections are made only while there is one: to those that are just being made nothing has happened.
    if (hadOne) for (const callback of this.#moved) callback();
  }

  async #within(ms: number): Promise<void> {
    const timer = Promise.withResolvers<void>();
    const handle = setTimeout(() => timer.resolve(), ms);
    await Promise.race([this.#next.promise, timer.promise]);
    clearTimeout(handle);
  }

  #nobody(): StoreUnavailable {
    const names = this.#urls.map(placeOf).join(', ');
    const why = this.#probes.map((probe) => probe.why).find((one) => one !== undefined);
    return new StoreUnavailable(
      `None of the databases ${names} takes writes now. Muster tries again; what waits is done then. If this lasts, look at their logs.`,
      why === undefined ? {} : { cause: why },
    );
  }
}
