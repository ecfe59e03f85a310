import type { ServiceReport, ServicesReport } from '@muster/api/agent';
import type { Cancel, Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { RunProgram } from '../run-program.ts';
import { listUnits } from './list-units.ts';
import { serviceReport } from './service-state.ts';
import { showUnits } from './show-units.ts';
import { WatchList } from './watch-list.ts';

const intervalMs = 10_000;
const soonMs = 100;
const patternIntervalMs = 60_000;
/** One unanswered question may be systemd being reloaded; two in a row are reported. */
const toleratedFailures = 1;

export type ServiceWatcherParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly run: RunProgram;
  /** Whether systemd runs this machine: sd_booted(3) looks for /run/systemd/system. */
  readonly hasSystemd: () => Promise<boolean>;
  readonly watch: readonly string[];
  /** Called after every round that gave an answer, whether or not it changed. */
  readonly onServices: (report: ServicesReport) => void;
};

/** Asks systemd every 10 seconds for the state of the watched units. */
export class ServiceWatcher {
  readonly #parts: ServiceWatcherParts;
  readonly #list: WatchList;
  #answered = false;
  #failures = 0;
  #trouble: string | undefined;
  #patternsDueMs = 0;
  #cancel: Cancel = () => undefined;
  #stopped = false;

  constructor(parts: ServiceWatcherParts) {
    this.#parts = parts;
    this.#list = new WatchList(parts.watch);
  }

  /** Resolves after the first round; nothing more is asked where there is nothing to watch. */
  async start(): Promise<void> {
    const outcome = await this.#round();
    if (this.#stopped) return;
    this.#handOn(outcome);
    if (this.#parts.watch.length > 0) this.#startIn(intervalMs);
  }

  /** Something was done to a unit: its state is asked soon. */
  look(): void {
    if (!this.#stopped && this.#parts.watch.length > 0) this.#startIn(soonMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** In place of whatever round was to come. */
  #startIn(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.after(delayMs, () => void this.start());
  }

  #handOn(outcome: ServicesReport): void {
    this.#failures = outcome.available ? 0 : this.#failures + 1;
    const trouble = outcome.available ? undefined : outcome.reason;
    if (trouble !== undefined && trouble !== this.#trouble)
      this.#parts.log.warn('the state of the services is not known', { reason: trouble });
    this.#trouble = trouble;
    if (trouble !== undefined && this.#answered && this.#failures <= toleratedFailures) return;
    this.#answered = true;
    this.#parts.onServices(outcome);
  }

  async #round(): Promise<ServicesReport> {
    const { watch, hasSystemd, run } = this.#parts;
    if (!(await hasSystemd())) return { available: false, reason: 'systemd does not run this machine' };
    if (watch.length === 0) return { available: true, services: [] };
    const trouble = await this.#expandPatterns();
    if (trouble !== undefined) return { available: false, reason: trouble };
    const names = this.#list.names;
    if (names.length === 0) return { available: true, services: [] };
    const shown = await showUnits(run, names);
    if ('failure' in shown) return { available: false, reason: shown.failure.slice(0, 300) };
    return { available: true, services: names.flatMap((name, index) => this.#report(name, shown.units[index])) };
  }

  /** Returns why the patterns could not be expanded, undefined when they were or need not be. */
  async #expandPatterns(): Promise<string | undefined> {
    const { clock, run } = this.#parts;
    if (this.#list.patterns.length === 0 || clock.monotonicMs() < this.#patternsDueMs) return undefined;
    const listed = await listUnits(run, this.#list.patterns);
    if ('failure' in listed) return listed.failure.slice(0, 300);
    this.#list.matched(listed.names);
    this.#patternsDueMs = clock.monotonicMs() + patternIntervalMs;
    return undefined;
  }

  #report(name: string, properties: ReadonlyMap<string, string> | undefined): ServiceReport[] {
    const report = properties && serviceReport(name, properties);
    if (report === undefined) {
      this.#parts.log.warn('systemd says something of a unit that is not understood', { unit: name });
      return [];
    }
    if (report.state === 'missing' && !this.#list.isNamed(name)) {
      this.#list.gone(name);
      return [];
    }
    return [report];
  }
}
