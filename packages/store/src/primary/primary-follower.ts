import type { DatabaseSight, Log, SeenCopy } from '@muster/core';
import type { StoreConnection } from '../connection.ts';
import { StoreUnavailable } from '../errors.ts';
import { chooseCopy, choosePrimary, type ProbeAnswer } from './choose-primary.ts';
import { placeOf } from './host-urls.ts';
import { Probe } from './probe.ts';
import type { Copy, Route } from './route.ts';

type Waiting = { readonly silent: Set<number>; readonly resolve: (isLooking: boolean) => void };

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
  readonly #timers: NodeJS.Timeout[] = [];
  /** What each said last. Nothing yet is silence that has just begun. */
  readonly #answers: ProbeAnswer[];
  /** Those who wait until each has answered once more, with those that have not. */
  readonly #waiting = new Set<Waiting>();
  #stopped = false;
  #lastPrimaryBytes: number | null = null;

  private constructor(urls: readonly string[], log: Log) {
    this.#urls = urls;
    this.#log = log;
    this.#probes = urls.map((url) => new Probe(url, () => performance.now()));
    this.#answers = urls.map(() => ({ role: 'silent', forMs: 0 }));
  }

  static start(urls: readonly string[], log: Log): PrimaryFollower {
    const follower = new PrimaryFollower(urls, log);
    for (const [place, probe] of follower.#probes.entries()) void follower.#follow(place, probe);
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
    return new Promise((resolve) => this.#waiting.add({ silent: new Set(this.#probes.keys()), resolve }));
  }

  onMoved(callback: () => void): () => void {
    this.#moved.add(callback);
    return () => this.#moved.delete(callback);
  }

  seen(): Pick<DatabaseSight, 'copies' | 'lastPrimaryBytes'> {
    return { copies: this.#probes.map(({ seen }, place) => this.#judged(seen, place)), lastPrimaryBytes: this.#lastPrimaryBytes };
  }

  /** One that was replaced and does not know it yet says that it takes writes, and nobody writes to it. */
  #judged(seen: SeenCopy, place: number): SeenCopy {
    return seen.role === 'primary' && place !== this.#primary ? { ...seen, role: 'silent' } : seen;
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const probe of this.#probes) probe.stop();
    this.#next.resolve();
    for (const { resolve } of this.#waiting) resolve(false);
    this.#waiting.clear();
  }

  /** Each database is asked by itself: one that is slow to answer, or away, holds up what the others say by nothing. */
  async #follow(place: number, probe: Probe): Promise<void> {
    while (!this.#stopped) {
      const answer = await probe.ask();
      if (this.#stopped) return;
      this.#answers[place] = answer;
      this.#judge();
      this.#answered(place);
      await this.#pause(place);
    }
  }

  #judge(): void {
    this.#turnTo(choosePrimary(this.#answers, this.#primary));
    this.#copy = chooseCopy(this.#answers, this.#primary);
    if (this.#answers[this.#primary ?? -1]?.role !== 'primary') return;
    this.#heardAtMs = performance.now();
    const leader = this.#probes[this.#primary ?? -1]?.seen;
    // A copy that leads after a fail-over may be behind what was seen before: from then on its own position counts.
    if (leader?.role === 'primary') this.#lastPrimaryBytes = leader.positionBytes;
  }

  #answered(place: number): void {
    for (const one of this.#waiting) {
      one.silent.delete(place);
      if (one.silent.size > 0) continue;
      this.#waiting.delete(one);
      one.resolve(true);
    }
  }

  #pause(place: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timers[place] = setTimeout(resolve, lookMs);
    });
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
