import type { Operation, TaskState } from '@muster/api';
import { taskLooks, taskStates } from './task-looks.ts';

/** How far an operation is: a bar for the eye, and the numbers in words for everyone. */
export function TaskCounts({ operation: { counts, total } }: { operation: Pick<Operation, 'counts' | 'total'> }) {
  const present = taskStates.filter((state) => counts[state] > 0);
  return (
    <div className="mp-counts">
      <svg className="mp-counts__bar" aria-hidden="true" preserveAspectRatio="none" viewBox={`0 0 ${Math.max(1, total)} 1`}>
        {present.map((state) => (
          <rect key={state} className={`mp-counts__part mp-task-${state}`} x={before(counts, state)} width={counts[state]} height={1} />
        ))}
      </svg>
      <span className="mp-under mp-quiet">
        {present.map((state) => `${counts[state].toLocaleString('en-GB')} ${taskLooks[state].text.toLowerCase()}`).join(', ') || 'no nodes'}
      </span>
    </div>
  );
}

/** How many tasks stand before those of a state. */
const before = (counts: Operation['counts'], state: TaskState): number =>
  taskStates.slice(0, taskStates.indexOf(state)).reduce((sum, one) => sum + counts[one], 0);
