import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/inventory-fixtures.ts';
import { expandHostRange } from './host-range.ts';

describe('expandHostRange', () => {
  it.each([
    ['web', ['web']],
    ['w[1:3]', ['w1', 'w2', 'w3']],
    ['w[:2]', ['w0', 'w1', 'w2']],
    ['w[01:03]-x', ['w01-x', 'w02-x', 'w03-x']],
    ['w[001:010:4]', ['w001', 'w005', 'w009']],
    ['w[8:11]', ['w8', 'w9', 'w10', 'w11']],
    ['w[a:c]', ['wa', 'wb', 'wc']],
    ['w[y:B]', ['wy', 'wz', 'wA', 'wB']],
    ['w[a:g:3]', ['wa', 'wd', 'wg']],
    ['r[1:2]n[a:b]', ['r1na', 'r1nb', 'r2na', 'r2nb']],
    ['w[5:3]', []],
    ['w[5:3:-1]', ['w5']],
    ['w[a:c:-1]', []],
    ['w[-1:1]', ['w-1', 'w0', 'w1']],
    ['w[99999999999999999998:99999999999999999999]', ['w99999999999999999998', 'w99999999999999999999']],
    ['a]1:2[c', ['a1c', 'a2c']],
  ])('%s', (pattern, names) => {
    expect(expandHostRange(pattern)).toEqual(names);
  });

  it.each([
    ['w[01:3]', 'begin and end of a padded range must be equally long'],
    ['w[1:]', 'a range must name its end'],
    ['w[c:a]', 'a range of letters must not run backwards'],
    ['w[1:3:0]', 'the step of a range cannot be 0'],
    ['w[a:c:0]', 'the step of a range cannot be 0'],
    ['w[1:3:x]', 'a range must run between two numbers or two letters'],
    ['w[a:3]', 'a range must run between two numbers or two letters'],
    ['w[1]', 'a range must be [begin:end] or [begin:end:step]'],
    ['w[1:2:3:4]', 'a range must be [begin:end] or [begin:end:step]'],
    ['w[1:2', 'a range needs one [ and one ], and the name may hold no |'],
    ['w|[1:2]', 'a range needs one [ and one ], and the name may hold no |'],
  ])('refuses %s', (pattern, problem) => {
    expect(failureOf(() => expandHostRange(pattern)).problem).toBe(problem);
  });

  it('makes 100,000 hosts and no more', () => {
    expect(expandHostRange('w[1:100000]')).toHaveLength(100_000);
    expect(expandHostRange('w[1:1000]-[1:100]')).toHaveLength(100_000);
    for (const pattern of ['w[1:100001]', 'w[1:1000]-[1:101]', 'w[0:99999999999999999999]', 'w[1:400][1:400][2:1]']) {
      const error = failureOf(() => expandHostRange(pattern));
      expect(error.message).toContain('the range would make more than 100,000 hosts');
    }
  });
});
