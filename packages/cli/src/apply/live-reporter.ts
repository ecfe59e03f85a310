import type { HostOutcome, RunReporter } from '@muster/provision';
import { Listr, type ListrTaskWrapper, type DefaultRenderer, type SimpleRenderer } from 'listr2';
import { changeLines, failureLine, phaseSummary, warningLines } from './plain-reporter.ts';

type Wrapper = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** A reporter that has to be told when the run is over. */
export type LiveReporter = { readonly reporter: RunReporter; finish(): Promise<void> };

/** One phase as the block shows it. */
class ShownPhase {
  readonly name: string;
  readonly #over = Promise.withResolvers<void>();
  #wrapper: Wrapper | undefined;
  #title: string | undefined;
  #total = 0;
  #done = 0;
  #failed = 0;
  #startedMs = 0;
  #slowest: HostOutcome | undefined;
  #ticking: NodeJS.Timeout | undefined;
  readonly #leftAfter: number | undefined;
  readonly #expected: number;

  /** `expected`: seconds that runs before have taken for this phase, and for all that come after it; undefined where there were none. */
  constructor(name: string, expected?: { readonly own: number; readonly after: number }) {
    this.name = name;
    this.#expected = expected?.own ?? 0;
    this.#leftAfter = expected?.after;
  }

  /** Called when the block has come to the phase, which may be after it began or even ended. */
  async show(wrapper: Wrapper): Promise<void> {
    this.#wrapper = wrapper;
    if (this.#title !== undefined) wrapper.title = this.#title;
    await this.#over.promise;
    if (this.#title === undefined) wrapper.skip(`${this.name}: not needed`);
  }

  start(hosts: number): void {
    this.#total = hosts;
    this.#startedMs = performance.now();
    this.#ticking = setInterval(() => this.#count(), 1000);
    this.#ticking.unref();
    this.#count();
  }

  hostDone(outcome: HostOutcome): void {
    this.#done++;
    if (outcome.status === 'failed') this.#failed++;
    if (outcome.seconds > (this.#slowest?.seconds ?? 0)) this.#slowest = outcome;
    this.#count();
  }

  /** Ends the phase; without a summary it was not needed. Harmless when it has ended. */
  end(summary?: string): void {
    clearInterval(this.#ticking);
    if (summary !== undefined) this.#setTitle(summary);
    this.#over.resolve();
  }

  #count(): void {
    const elapsed = (performance.now() - this.#startedMs) / 1000;
    const parts = [
      `${this.name} ${this.#done} of ${this.#total}`,
      ...(this.#failed > 0 ? [`${this.#failed} failed`] : []),
      ...(elapsed >= 1 ? [shortTime(elapsed)] : []),
      ...(this.#slowest !== undefined && this.#slowest.seconds >= 1
        ? [`slowest ${this.#slowest.host} ${shortTime(this.#slowest.seconds)}`]
        : []),
      ...(this.#leftAfter === undefined ? [] : [`about ${shortTime(this.#leftAfter + Math.max(0, this.#expected - elapsed))} left`]),
    ];
    this.#setTitle(parts.join(', '));
  }

  #setTitle(title: string): void {
    this.#title = title;
    if (this.#wrapper !== undefined) this.#wrapper.title = title;
  }
}

/**
 * One live block on a terminal: every phase of the list with how many of its hosts are done, how long it takes, which host took longest,
 * and what is left where runs before say so. It appears when the first of them
 * starts; a phase before that is told by a line. Changes and failures are told below the block once it has ended, so that nothing
 * scrolls away while it moves.
 */
export function liveReporter(phases: readonly string[], diff: boolean, expected: ReadonlyMap<string, number> = new Map()): LiveReporter {
  const shown = new Map(phases.map((name, i) => [name, new ShownPhase(name, expectationOf(phases, i, expected))]));
  const lines: string[] = [];
  let running: Promise<unknown> | undefined;
  let isFinished = false;
  const startBlock = () =>
    (running ??= listOf([...shown.values()])
      .run()
      .catch(() => undefined));
  return {
    reporter: {
      phaseStarted: (name, hosts) => {
        if (!shown.has(name)) return;
        // A phase before this one that never started concerned no host.
        for (const phase of shown.values()) {
          if (phase.name === name) break;
          phase.end();
        }
        shown.get(name)?.start(hosts);
        void startBlock();
      },
      hostFinished: (name, outcome) => {
        lines.push(
          ...warningLines(outcome),
          ...changeLines(outcome, diff),
          ...(outcome.failure === undefined ? [] : [failureLine(outcome)]),
        );
        shown.get(name)?.hostDone(outcome);
      },
      phaseFinished: (name, outcomes) => {
        const phase = shown.get(name);
        if (phase === undefined) process.stdout.write(`${phaseSummary(name, outcomes)}\n`);
        else phase.end(phaseSummary(name, outcomes));
      },
    },
    finish: async () => {
      if (isFinished) return;
      isFinished = true;
      for (const phase of shown.values()) phase.end();
      await running;
      if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
    },
  };
}

const shortTime = (seconds: number): string =>
  seconds < 100 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

/** Seconds of a phase and of all after it, as far as runs before say; undefined where they say nothing. */
function expectationOf(phases: readonly string[], at: number, expected: ReadonlyMap<string, number>) {
  if (expected.size === 0) return undefined;
  const secondsOf = (name: string): number => expected.get(name) ?? 0;
  const after = phases.slice(at + 1).reduce((sum, name) => sum + secondsOf(name), 0);
  return { own: secondsOf(phases[at] ?? ''), after };
}

const listOf = (phases: readonly ShownPhase[]) =>
  new Listr(
    phases.map((phase) => ({ title: phase.name, task: (_context: unknown, wrapper: Wrapper) => phase.show(wrapper) })),
    { concurrent: false, exitOnError: false, rendererOptions: { collapseErrors: false, showErrorMessage: false } },
  );
