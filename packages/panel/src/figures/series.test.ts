import { expect, it } from 'vitest';
import { summaryOf } from './series.ts';

it('says a series in numbers, gaps left out', () => {
  expect(summaryOf({ name: 'bad', values: [null, 2, 4, null, 0, null], colour: 'bad' })).toEqual({
    name: 'bad',
    last: 0,
    least: 0,
    most: 4,
    mean: 2,
  });
});

it('has nothing to say of nothing', () => {
  expect(summaryOf({ name: 'bad', values: [], colour: 'bad' })).toBeNull();
  expect(summaryOf({ name: 'bad', values: [null, null], colour: 'bad' })).toBeNull();
});
