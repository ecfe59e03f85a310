/** What an agent of the load generator has come to, with the time of day in milliseconds. */
export type LoadEvent = { readonly agent: number; readonly atMs: number; readonly server: string | null };

/** A fail-over: from the first agent that lost its server until all had one again. */
export type FailOver = {
  readonly agents: number;
  /** Between losing a server and being welcome at another, for each agent. */
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  readonly firstLostAtMs: number;
  readonly lastWelcomeAtMs: number;
};

/** Counts which agents are connected to which server, and how long they were without one. */
export class LoadReport {
  readonly #expected: number;
  readonly #where = new Map<number, string>();
  readonly #lostAtMs = new Map<number, number>();
  #gapsMs: number[] = [];
  #firstLostAtMs = 0;

  constructor(expected: number) {
    this.#expected = expected;
  }

  /** Takes an event in; returns the fail-over that it completes. */
  apply({ agent, atMs, server }: LoadEvent): FailOver | undefined {
    if (server === null) {
      if (this.#where.delete(agent)) this.#lost(agent, atMs);
      return undefined;
    }
    this.#where.set(agent, server);
    const lostAtMs = this.#lostAtMs.get(agent);
    if (lostAtMs === undefined) return undefined;
    this.#lostAtMs.delete(agent);
    this.#gapsMs.push(atMs - lostAtMs);
    return this.#lostAtMs.size === 0 ? this.#complete(atMs) : undefined;
  }

  /** Connected agents by server, and those without one. */
  counts(): { readonly servers: Record<string, number>; readonly none: number } {
    const servers: Record<string, number> = {};
    for (const server of this.#where.values()) servers[server] = (servers[server] ?? 0) + 1;
    return { servers, none: this.#expected - this.#where.size };
  }

  #lost(agent: number, atMs: number): void {
    if (this.#lostAtMs.size === 0 && this.#gapsMs.length === 0) this.#firstLostAtMs = atMs;
    this.#lostAtMs.set(agent, atMs);
  }

  #complete(lastWelcomeAtMs: number): FailOver {
    const sorted = this.#gapsMs.toSorted((a, b) => a - b);
    this.#gapsMs = [];
    const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
    return {
      agents: sorted.length,
      medianMs: at(0.5),
      p95Ms: at(0.95),
      maxMs: at(1),
      firstLostAtMs: this.#firstLostAtMs,
      lastWelcomeAtMs,
    };
  }
}
