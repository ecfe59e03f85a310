import type { RunReporter } from '@muster/provision';

/** One JSON object a line, as things happen: for programs. What files will hold is told with `diff` only: there may be secrets. */
export function jsonReporter(write: (line: string) => void, diff: boolean): RunReporter {
  const tell = (event: string, fields: object) => write(JSON.stringify({ event, ...fields }));
  return {
    phaseStarted: (phase, hosts) => tell('phase-started', { phase, hosts }),
    hostFinished: (phase, outcome) =>
      tell('host-finished', { phase, ...outcome, changes: diff ? outcome.changes : outcome.changes.map(({ what }) => ({ what })) }),
    phaseFinished: (phase, outcomes) =>
      tell('phase-finished', { phase, hosts: outcomes.length, failed: outcomes.filter((outcome) => outcome.status === 'failed').length }),
  };
}
