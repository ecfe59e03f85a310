import type { DatabaseSight, Log, SeenCopy } from '@muster/core';
import type { StoreConnection } from '../connection.ts';
import { StoreUnavailable } from '../errors.ts';
import { choosePrimary } from './choose-primary.ts';
import { placeOf } from './host-urls.ts';
import { Probe } from './probe.ts';
import type { Route } from './route.ts';

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
  #next = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #lastPrimaryBytes: number | null = null;

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
    clearTimeout(this.#timer);
    for (const probe of this.#probes) probe.stop();
    this.#next.resolve();
  }

  /** One after the other: a database that is slow to answer holds up the next look, but none of the others in this one. */
  async #look(): Promise<void> {
    const answers = await Promise.all(this.#probes.map((probe) => probe.ask()));
    if (this.#stopped) return;
    this.#turnTo(choosePrimary(answers, this.#primary));
    const leader = this.#primary === undefined ? undefined : this.#probes[this.#primary]?.seen;
    // A copy that leads after a fail-over may be behind what was seen before: from then on its own position counts.
    if (leader?.role === 'primary') this.#lastPrimaryBytes = leader.positionBytes;
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
