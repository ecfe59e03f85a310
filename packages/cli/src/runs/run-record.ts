import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { type RunBeginning, RunRecord } from '@muster/core';
import type { RunReporter } from '@muster/provision';

/** The account of a run that begins here and now, by whoever runs this program. */
export const recordOfHere = (beginning: Omit<RunBeginning, 'id' | 'by' | 'machine'>): RunRecord =>
  new RunRecord({ id: randomUUID(), by: userInfo().username, machine: hostname(), ...beginning });

/** The same events for `shown` and for the account; `onPhase` is called when a phase has ended. */
export function recording(record: RunRecord, shown: RunReporter, onPhase: () => void): RunReporter {
  return {
    phaseStarted: (phase, hosts) => {
      record.phaseStarted(phase, hosts);
      shown.phaseStarted(phase, hosts);
    },
    hostFinished: (phase, outcome) => {
      record.hostFinished(phase, outcome);
      shown.hostFinished(phase, outcome);
    },
    phaseFinished: (phase, outcomes) => {
      record.phaseFinished(phase);
      shown.phaseFinished(phase, outcomes);
      onPhase();
    },
  };
}
