import type { TaskState } from '@muster/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextTaskState, openTaskStates, signalStates, type TaskOutcome, type TaskSignal } from './task-transitions.ts';

const signals = Object.keys(signalStates) as TaskSignal[];
const outcomes: readonly TaskOutcome[] = ['succeeded', 'failed', 'cancelled', 'expired', 'unknown'];
const isOpen = (state: TaskState): boolean => openTaskStates.some((one) => one === state);

const message = fc.record({ signal: fc.constantFrom(...signals), outcome: fc.constantFrom(...outcomes) });
const states = (messages: readonly { signal: TaskSignal; outcome: TaskOutcome }[]): TaskState[] => {
  let state: TaskState = 'queued';
  return messages.map(({ signal, outcome }) => (state = nextTaskState(state, signal, outcome)));
};

describe('the state of a task', () => {
  it('goes its way', () => {
    expect(
      states([
        { signal: 'send', outcome: 'unknown' },
        { signal: 'take', outcome: 'unknown' },
        { signal: 'result', outcome: 'failed' },
      ]),
    ).toEqual(['sent', 'running', 'failed']);
  });

  it('that has ended never changes, but for `unknown`, which the node may clear up', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        const passed = states(messages);
        const ended = passed.findIndex((state) => !isOpen(state) && state !== 'unknown');
        if (ended >= 0) expect(new Set(passed.slice(ended)).size).toBe(1);
      }),
    );
  });

  it('never goes back to where it could be sent anew once it was sent', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        const passed = states(messages);
        const left = passed.findIndex((state) => state !== 'queued');
        if (left >= 0) expect(passed.slice(left)).not.toContain('queued');
      }),
    );
  });

  it('is the same however often a message is doubled', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
        expect(states(messages.flatMap((one) => [one, one])).at(-1)).toBe(states(messages).at(-1));
      }),
    );
  });

  it('can end from every state in which it is open', () => {
    for (const state of openTaskStates) {
      expect(nextTaskState(state, 'result', 'succeeded')).toBe('succeeded');
      expect(['expired', 'unknown']).toContain(nextTaskState(nextTaskState(state, 'expire'), 'lose'));
    }
  });
});
