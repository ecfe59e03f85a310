import type { RunReporter } from '@muster/provision';

/** One JSON object a line, as things happen: for programs. */
export function jsonReporter(write: (line: string) => void): RunReporter {
  const tell = (event: string, fields: object) => write(JSON.stringify({ event, ...fields }));
  return {
    phaseStarted: (phase, hosts) => tell('phase-started', { phase, hosts }),
    hostFinished: (phase, outcome) => tell('host-finished', { phase, ...outcome }),
    phaseFinished: (phase, outcomes) =>
      tell('phase-finished', { phase, hosts: outcomes.length, failed: outcomes.filter((outcome) => outcome.status === 'failed').length }),
  };
}
