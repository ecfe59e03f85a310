import { describe, expect, it } from 'vitest';
import { arrayTasks } from './array-tasks.ts';

describe('the tasks of a job array', () => {
  it.each([
    ['3', [3], Infinity],
    ['3-5%2', [3, 4, 5], 2],
    ['1,3,7-15:4', [1, 3, 7, 11, 15], Infinity],
    ['0-1,9%1', [0, 1, 9], 1],
  ])('%s', (text, waiting, atOnce) => {
    expect(arrayTasks(text)).toEqual({ waiting, atOnce });
  });

  it.each(['', '1-', '5-3', '1-9:0', '1,2,...', 'a', '1-99999999', '%2'])('are not guessed from %j', (text) => {
    expect(arrayTasks(text)).toBeUndefined();
  });
});
