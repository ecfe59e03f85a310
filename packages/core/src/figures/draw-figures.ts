import type { FleetFigures, TaskFigures } from '@muster/api';
import type { FigureSteps } from './figure-steps.ts';

/** How the fleet fared in the time from `atSeconds` on; the mean of so many minutes. */
export type FleetSample = {
  readonly atSeconds: number;
  readonly minutes: number;
  readonly good: number;
  readonly degraded: number;
  readonly bad: number;
  readonly unknown: number;
  readonly ageP50: number | null;
  readonly ageP95: number | null;
  readonly ageMax: number | null;
};

/** The tasks of one kind that ended in the time from `atSeconds` on. */
export type TaskSample = {
  readonly atSeconds: number;
  readonly kind: string;
  readonly ended: number;
  readonly failed: number;
  readonly p50Seconds: number | null;
  readonly p95Seconds: number | null;
};

type Column = (number | null)[];
type Health = 'good' | 'degraded' | 'bad' | 'unknown';

/** The columns of the plots, one value for each step; null where there is no sample. */
export function drawFigures(
  { firstSeconds, stepSeconds, count }: FigureSteps,
  fleet: readonly FleetSample[],
  tasks: readonly TaskSample[],
): Pick<FleetFigures, 'times' | 'nodes' | 'heartbeatAgeSeconds' | 'tasks'> {
  const stepOf = ({ atSeconds }: { atSeconds: number }) => Math.floor((atSeconds - firstSeconds) / stepSeconds);
  const fleetSteps = grouped(fleet, stepOf, count);
  const mean = (state: Health) => fleetSteps.map((samples) => meanOf(samples, state));
  const worst = (member: 'ageP50' | 'ageP95' | 'ageMax') => fleetSteps.map((samples) => largest(samples.map((sample) => sample[member])));
  const kinds = [...new Set(tasks.map((task) => task.kind))].toSorted();
  return {
    times: Array.from({ length: count }, (_, at) => firstSeconds + at * stepSeconds),
    nodes: { good: mean('good'), degraded: mean('degraded'), bad: mean('bad'), unknown: mean('unknown') },
    heartbeatAgeSeconds: { p50: worst('ageP50'), p95: worst('ageP95'), max: worst('ageMax') },
    tasks: kinds.map((kind) =>
      taskColumns(
        kind,
        grouped(
          tasks.filter((task) => task.kind === kind),
          stepOf,
          count,
        ),
        fleetSteps,
      ),
    ),
  };
}

function grouped<T>(samples: readonly T[], stepOf: (sample: T) => number, count: number): T[][] {
  const steps: T[][] = Array.from({ length: count }, () => []);
  for (const sample of samples) steps[stepOf(sample)]?.push(sample);
  return steps;
}

function meanOf(samples: readonly FleetSample[], state: Health): number | null {
  const minutes = sum(samples.map((sample) => sample.minutes));
  return minutes === 0 ? null : sum(samples.map((sample) => sample[state] * sample.minutes)) / minutes;
}

/** No task ended where the fleet was sampled and tasks were not; where nothing was sampled, nobody knows. */
function taskColumns(kind: string, steps: readonly TaskSample[][], fleetSteps: readonly FleetSample[][]): TaskFigures {
  const counted = (member: 'ended' | 'failed'): Column =>
    steps.map((samples, at) =>
      samples.length === 0 && fleetSteps[at]?.length === 0 ? null : sum(samples.map((sample) => sample[member])),
    );
  return {
    kind,
    ended: counted('ended'),
    failed: counted('failed'),
    p50Seconds: steps.map(weightedMedian),
    p95Seconds: steps.map((samples) => largest(samples.map((sample) => sample.p95Seconds))),
  };
}

/** The mean of the medians by the number of tasks: the median itself where the step has one sample. */
function weightedMedian(samples: readonly TaskSample[]): number | null {
  const known = samples.filter((sample) => sample.p50Seconds !== null);
  const ended = sum(known.map((sample) => sample.ended));
  return ended === 0 ? null : sum(known.map((sample) => (sample.p50Seconds ?? 0) * sample.ended)) / ended;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function largest(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((one) => one !== null);
  return known.length === 0 ? null : Math.max(...known);
}
