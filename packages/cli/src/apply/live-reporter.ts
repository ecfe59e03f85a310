import type { RunReporter } from '@muster/provision';
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

  constructor(name: string) {
    this.name = name;
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
    this.#count();
  }

  hostDone(isFailed: boolean): void {
    this.#done++;
    if (isFailed) this.#failed++;
    this.#count();
  }

  /** Ends the phase; without a summary it was not needed. Harmless when it has ended. */
  end(summary?: string): void {
    if (summary !== undefined) this.#setTitle(summary);
    this.#over.resolve();
  }

  #count(): void {
    this.#setTitle(`${this.name} ${this.#done} of ${this.#total}${this.#failed > 0 ? `, ${this.#failed} failed` : ''}`);
  }

  #setTitle(title: string): void {
    this.#title = title;
    if (this.#wrapper !== undefined) this.#wrapper.title = title;
  }
}

/**
 * One live block on a terminal: every phase of the list with how many of its hosts are done. It appears when the first of them
 * starts; a phase before that is told by a line. Changes and failures are told below the block once it has ended, so that nothing
 * scrolls away while it moves.
 */
export function liveReporter(phases: readonly string[], diff: boolean): LiveReporter {
  const shown = new Map(phases.map((name) => [name, new ShownPhase(name)]));
  const lines: string[] = [];
  let running: Promise<unknown> | undefined;
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
        shown.get(name)?.hostDone(outcome.status === 'failed');
      },
      phaseFinished: (name, outcomes) => {
        const phase = shown.get(name);
        if (phase === undefined) process.stdout.write(`${phaseSummary(name, outcomes)}\n`);
        else phase.end(phaseSummary(name, outcomes));
      },
    },
    finish: async () => {
      for (const phase of shown.values()) phase.end();
      await running;
      if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
    },
  };
}

const listOf = (phases: readonly ShownPhase[]) =>
  new Listr(
    phases.map((phase) => ({ title: phase.name, task: (_context: unknown, wrapper: Wrapper) => phase.show(wrapper) })),
    { concurrent: false, exitOnError: false, rendererOptions: { collapseErrors: false, showErrorMessage: false } },
  );
