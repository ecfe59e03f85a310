import { isUnitPattern } from '../config/unit-name.ts';

const maxUnits = 512;

/**
 * Which units are watched now: those named, and those a pattern has ever matched. systemd forgets a stopped unit that nothing
 * wants; one that a pattern matched once stays on the list, so that a stopped service shows as stopped and does not vanish.
 */
export class WatchList {
  readonly #named: readonly string[];
  readonly patterns: readonly string[];
  readonly #matched = new Set<string>();

  constructor(watch: readonly string[]) {
    this.#named = watch.filter((one) => !isUnitPattern(one));
    this.patterns = watch.filter(isUnitPattern);
  }

  /** Takes note of what the patterns match. */
  matched(names: readonly string[]): void {
    for (const name of names) this.#matched.add(name);
  }

  /** Forgets a unit that systemd no longer knows, unless it was watched by its name. */
  gone(name: string): void {
    this.#matched.delete(name);
  }

  isNamed(name: string): boolean {
    return this.#named.includes(name);
  }

  /** At most 512 names, those from the configuration first. */
  get names(): readonly string[] {
    const matched = [...this.#matched].filter((name) => !this.isNamed(name)).sort();
    return [...this.#named, ...matched].slice(0, maxUnits);
  }
}
