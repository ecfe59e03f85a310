import type { HostOutcome, RunReporter } from '@muster/provision';
import { Listr, type ListrTaskWrapper, type DefaultRenderer, type SimpleRenderer } from 'listr2';
import { changeLines, failureLine, phaseSummary } from './plain-reporter.ts';

type Wrapper = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;
type Shown = { readonly over: PromiseWithResolvers<void>; wrapper?: Wrapper; total: number; done: number; failed: number };

/**
 * One live block on a terminal: every phase with how many of its hosts are done. Changes and failures are told below it once it
 * has ended, so that nothing scrolls away while it moves.
 */
export function liveReporter(phases: readonly string[], diff: boolean): { reporter: RunReporter; finish(): Promise<void> } {
  const shown = new Map<string, Shown>(phases.map((name) => [name, { over: Promise.withResolvers<void>(), total: 0, done: 0, failed: 0 }]));
  const lines: string[] = [];
  const list = new Listr(
    phases.map((name) => ({
      title: name,
      task: async (_context: unknown, wrapper: Wrapper) => {
        const phase = shown.get(name);
        if (phase === undefined) return;
        phase.wrapper = wrapper;
        await phase.over.promise;
        if (phase.total === 0) wrapper.skip(`${name}: not needed`);
      },
    })),
    { concurrent: false, exitOnError: false, rendererOptions: { collapseErrors: false, showErrorMessage: false } },
  );
  const running = list.run().catch(() => undefined);
  const update = (name: string) => {
    const phase = shown.get(name);
    if (phase?.wrapper !== undefined)
      phase.wrapper.title = `${name} ${phase.done} of ${phase.total}${phase.failed > 0 ? `, ${phase.failed} failed` : ''}`;
  };
  return {
    reporter: {
      phaseStarted: (name, hosts) => {
        const phase = shown.get(name);
        if (phase !== undefined) phase.total = hosts;
        update(name);
      },
      hostFinished: (name, outcome: HostOutcome) => {
        const phase = shown.get(name);
        if (phase !== undefined) {
          phase.done++;
          if (outcome.status === 'failed') phase.failed++;
        }
        lines.push(...changeLines(outcome, diff), ...(outcome.failure === undefined ? [] : [failureLine(outcome)]));
        update(name);
      },
      phaseFinished: (name, outcomes) => {
        const phase = shown.get(name);
        if (phase?.wrapper !== undefined) phase.wrapper.title = phaseSummary(name, outcomes);
        phase?.over.resolve();
      },
    },
    finish: async () => {
      for (const phase of shown.values()) phase.over.resolve();
      await running;
      if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
    },
  };
}
