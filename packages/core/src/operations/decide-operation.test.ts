import type { TaskCounts, TaskState } from '@muster/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideOperation, failuresIn, noTasks, operationEnd, type OperationPicture, type OperationStep } from './decide-operation.ts';

const counts = (some: Partial<TaskCounts>): TaskCounts => ({ ...noTasks(), ...some });

/** Ten nodes at once, without a limit of failures. */
const plain: OperationPicture = { batch: null, maxFail: null, cancelled: false, counts: counts({ queued: 10 }), held: 0 };

type Row = { name: string; change: Partial<OperationPicture>; step: OperationStep };

const rows: Row[] = [
  { name: 'all wait for their nodes', change: {}, step: { do: 'wait' } },
  { name: 'one still runs', change: { counts: counts({ running: 1, succeeded: 9 }) }, step: { do: 'wait' } },
  { name: 'all have succeeded', change: { counts: counts({ succeeded: 10 }) }, step: { do: 'finish', state: 'succeeded' } },
  { name: 'one has failed', change: { counts: counts({ succeeded: 9, failed: 1 }) }, step: { do: 'finish', state: 'failed' } },
  { name: 'one has expired', change: { counts: counts({ succeeded: 9, expired: 1 }) }, step: { do: 'finish', state: 'failed' } },
  { name: 'nobody knows of one', change: { counts: counts({ succeeded: 9, unknown: 1 }) }, step: { do: 'finish', state: 'failed' } },
  {
    name: 'it was cancelled, and the rest has ended',
    change: { cancelled: true, counts: counts({ succeeded: 3, cancelled: 7 }) },
    step: { do: 'finish', state: 'cancelled' },
  },
  {
    name: 'it was cancelled when all had succeeded',
    change: { cancelled: true, counts: counts({ succeeded: 10 }) },
    step: { do: 'finish', state: 'succeeded' },
  },
  {
    name: 'the batch is full',
    change: { batch: 3, held: 5, counts: counts({ queued: 6, sent: 1, running: 1, succeeded: 2 }) },
    step: { do: 'wait' },
  },
  {
    name: 'one of the batch has ended',
    change: { batch: 3, held: 6, counts: counts({ queued: 6, running: 2, succeeded: 2 }) },
    step: { do: 'release', count: 1 },
  },
  {
    name: 'the whole batch has ended',
    change: { batch: 3, held: 7, counts: counts({ queued: 7, succeeded: 3 }) },
    step: { do: 'release', count: 3 },
  },
  {
    name: 'fewer are left than a batch has room for',
    change: { batch: 3, held: 1, counts: counts({ queued: 1, succeeded: 9 }) },
    step: { do: 'release', count: 1 },
  },
  {
    name: 'as many have failed as may',
    change: { batch: 1, maxFail: 2, held: 7, counts: counts({ queued: 7, failed: 2, succeeded: 1 }) },
    step: { do: 'release', count: 1 },
  },
  {
    name: 'more have failed than may',
    change: { batch: 1, maxFail: 1, held: 7, counts: counts({ queued: 7, failed: 1, unknown: 1, succeeded: 1 }) },
    step: { do: 'stop', reason: 'Not begun: 2 failed elsewhere, and 1 were allowed to.' },
  },
  {
    name: 'more have failed than may, and nothing is left to stop',
    change: { maxFail: 0, counts: counts({ running: 1, failed: 1 }) },
    step: { do: 'wait' },
  },
  {
    name: 'one has failed where none may, without a batch',
    change: { maxFail: 0, counts: counts({ queued: 2, failed: 1, succeeded: 7 }) },
    step: { do: 'stop', reason: 'Not begun: 1 failed elsewhere, and 0 were allowed to.' },
  },
  { name: 'it has no task at all', change: { counts: noTasks() }, step: { do: 'finish', state: 'succeeded' } },
];

describe('an operation goes on', () => {
  it.each(rows)('when $name', ({ change, step }) => expect(decideOperation({ ...plain, ...change })).toEqual(step));
});

const ends: readonly TaskState[] = ['succeeded', 'failed', 'expired', 'unknown'];

/** Plays an operation to its end: what is let go ends in the given order of states. */
function play(total: number, batch: number | null, maxFail: number | null, outcomes: readonly TaskState[]) {
  let held = batch === null ? 0 : Math.max(0, total - batch);
  const now = counts({ queued: total });
  let most = 0;
  let ended = 0;
  for (let round = 0; round < 10 * total + 10; round += 1) {
    const step = decideOperation({ batch, maxFail, cancelled: false, counts: { ...now }, held });
    if (step.do === 'finish') return { state: step.state, counts: now, most };
    if (step.do === 'release') held -= step.count;
    if (step.do === 'stop') {
      now.cancelled += now.queued;
      now.queued = 0;
      held = 0;
    }
    if (step.do !== 'wait') continue;
    most = Math.max(most, now.queued - held);
    now.queued -= 1;
    now[outcomes[ended++ % outcomes.length] ?? 'succeeded'] += 1;
  }
  throw new Error('it never ends');
}

describe('whatever becomes of its tasks, an operation', () => {
  const nodes = fc.integer({ min: 1, max: 40 });
  const limit = (max: number) => fc.option(fc.integer({ min: 0, max }));
  const outcomes = fc.array(fc.constantFrom(...ends), { minLength: 1, maxLength: 10 });

  it('ends, has never more under way than its batch, and loses no task', () => {
    fc.assert(
      fc.property(nodes, fc.option(fc.integer({ min: 1, max: 50 })), limit(10), outcomes, (total, batch, maxFail, order) => {
        const { counts: end, most, state } = play(total, batch, maxFail, order);
        expect(Object.values(end).reduce((sum, count) => sum + count, 0)).toBe(total);
        expect([end.queued, end.sent, end.running]).toEqual([0, 0, 0]);
        if (batch !== null) expect(most).toBeLessThanOrEqual(batch);
        expect(state === 'succeeded').toBe(end.succeeded === total);
      }),
    );
  });

  it('with one at a time stops after as many failures as it may have, and one', () => {
    fc.assert(
      fc.property(nodes, fc.integer({ min: 0, max: 10 }), outcomes, (total, maxFail, order) => {
        const { counts: end } = play(total, 1, maxFail, order);
        expect(failuresIn(end)).toBeLessThanOrEqual(maxFail + 1);
        if (failuresIn(end) <= maxFail) expect(end.cancelled).toBe(0);
      }),
    );
  });
});

describe('the end of an operation', () => {
  it('that was stopped after failures is a failure also where all that began succeeded', () => {
    expect(operationEnd(counts({ succeeded: 1, cancelled: 2 }), false)).toBe('failed');
    expect(operationEnd(counts({ failed: 1, cancelled: 2 }), true)).toBe('cancelled');
  });
});
