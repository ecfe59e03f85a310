import { describe, expect, it } from 'vitest';
import type { NodeState } from './node-sight.ts';
import { stopEligibility } from './stop-eligibility.ts';

const states: NodeState[] = ['creating', 'unpaired', 'idle', 'busy', 'down', 'failed', 'stale', 'invalid', 'stopping', 'off'];
const both = [false, true];
const all = states.flatMap((state) =>
  both.flatMap((windowOpen) =>
    both.flatMap((bootExceeded) =>
      both.flatMap((everReady) => both.map((idleEnough) => ({ state, windowOpen, bootExceeded, everReady, idleEnough }))),
    ),
  ),
);

/* The table of transitions, condensed: which of all combinations may be stopped. */
describe('a machine may be stopped', () => {
  it.each([
    ['busy', () => false],
    ['stopping', () => false],
    ['off', () => false],
    ['stale', () => false],
    ['failed', () => true],
    ['invalid', () => true],
    ['idle', ({ windowOpen, idleEnough }) => windowOpen && idleEnough],
    ['creating', ({ bootExceeded }) => bootExceeded],
    ['unpaired', ({ bootExceeded }) => bootExceeded],
    ['down', ({ windowOpen, bootExceeded, everReady }) => windowOpen || (bootExceeded && !everReady)],
  ] satisfies [NodeState, (input: (typeof all)[number]) => boolean][])('%s', (state, rule) => {
    const rows = all.filter((input) => input.state === state);
    expect(rows.length).toBe(16);
    for (const input of rows) expect([input, stopEligibility(input).eligible]).toEqual([input, rule(input)]);
  });

  it('for the reason that is told, or not yet for another', () => {
    const of = (state: NodeState, change = {}) =>
      stopEligibility({ state, windowOpen: true, bootExceeded: true, everReady: true, idleEnough: true, ...change }).because;
    expect([of('idle'), of('idle', { windowOpen: false }), of('idle', { idleEnough: false })]).toEqual([
      'not-needed',
      'window-closed',
      'idle-looks',
    ]);
    expect([of('down'), of('down', { everReady: false }), of('down', { windowOpen: false })]).toEqual([
      'node-down',
      'boot-failed',
      'window-closed',
    ]);
    expect([of('unpaired'), of('unpaired', { bootExceeded: false }), of('stale')]).toEqual(['boot-failed', 'booting', 'stale-record']);
  });
});
