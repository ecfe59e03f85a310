import { describe, expect, it } from 'vitest';
import { NodeRangeError } from './node-range-error.ts';
import { RangeBudget, STEPS_PER_NAME } from './range-budget.ts';
import { rangeErrorOf } from './test/range-fixtures.ts';

const spendFrom = (budget: RangeBudget) => (steps: number) =>
  budget.spend(steps, (problem) => new NodeRangeError({ text: 'x' }, { offset: 0, length: 1 }, problem));

describe('the work that a range may cause', () => {
  it('has room for a million names', () => {
    const spend = spendFrom(new RangeBudget());
    expect(() => spend(1_000_000 * STEPS_PER_NAME)).not.toThrow();
  });

  it('ends with an error, and stays at its end', () => {
    const spend = spendFrom(new RangeBudget());
    expect(rangeErrorOf(() => spend(1e15)).fault).toBe('too-large');
    expect(rangeErrorOf(() => spend(1)).fault).toBe('too-large');
  });

  it('counts everything together', () => {
    const spend = spendFrom(new RangeBudget());
    for (let at = 0; at < 10; at++) spend(10_000_000);
    expect(rangeErrorOf(() => spend(1)).problem).toBe('this names more than can be looked at in one range');
  });

  it('takes an endless product as one', () => {
    expect(rangeErrorOf(() => spendFrom(new RangeBudget())(Infinity)).fault).toBe('too-large');
  });
});
