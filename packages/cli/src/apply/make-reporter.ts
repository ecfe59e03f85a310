import type { RunReporter } from '@muster/provision';
import { canAsk } from '../ssh/ask.ts';
import { jsonReporter } from './json-reporter.ts';
import { liveReporter } from './live-reporter.ts';
import { plainReporter } from './plain-reporter.ts';

/** How a run is to be shown. */
export type ReporterChoice = {
  readonly output: 'text' | 'json';
  readonly diff: boolean;
  readonly phases: readonly string[];
  /** Seconds that each phase may take, from runs before. */
  readonly expected: ReadonlyMap<string, number>;
};

/** Shows a run: as events, on a terminal as one live block, else line by line. `finish` is called when the run is over. */
export function makeReporter({ output, diff, phases, expected }: ReporterChoice): { reporter: RunReporter; finish(): Promise<void> } {
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  if (output === 'json') return { reporter: jsonReporter(write, diff), finish: async () => {} };
  // Whoever is asked about a host key or for a password, which only the first phase does, could not read it in a live block.
  if (process.stdout.isTTY) return liveReporter([...(canAsk() ? phases.slice(1) : phases)], diff, expected);
  return { reporter: plainReporter(write, diff), finish: async () => {} };
}
