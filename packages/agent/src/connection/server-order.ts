/** A server that failed is asked after all others for so long: a dead one costs its time-out once, not every time. */
const rememberMs = 60_000;

/** Which servers failed lately, by the monotonic clock. */
export class FailedServers {
  readonly #atMs = new Map<string, number>();

  failed(server: string, nowMs: number): void {
    this.#atMs.set(server, nowMs);
  }

  /** It has welcomed this node: nothing is held against it. */
  worked(server: string): void {
    this.#atMs.delete(server);
  }

  lately(nowMs: number): ReadonlySet<string> {
    for (const [server, atMs] of this.#atMs) if (nowMs - atMs >= rememberMs) this.#atMs.delete(server);
    return new Set(this.#atMs.keys());
  }
}

/**
 * In which order to try the servers: as they are listed, then those that failed lately, and last of all the one whose connection has just
 * ended. Each address once.
 */
export function attemptOrder(servers: readonly string[], failedLately: ReadonlySet<string>, ended: string | undefined): string[] {
  const tierOf = (server: string): number => (server === ended ? 2 : failedLately.has(server) ? 1 : 0);
  return [...new Set(servers)].toSorted((a, b) => tierOf(a) - tierOf(b));
}
