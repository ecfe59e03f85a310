import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordDifference } from './record-difference.ts';

describe('the difference of two records', () => {
  it('names what differs, by name, with both values', () => {
    const before = { role: 'viewer', groups: ['web'], notes: 'a', kept: { x: [1, 2] } };
    const after = { role: 'operator', groups: ['web', 'db'], notes: 'a', kept: { x: [1, 2] } };
    expect(recordDifference(before, after)).toEqual([
      { member: 'groups', before: ['web'], after: ['web', 'db'] },
      { member: 'role', before: 'viewer', after: 'operator' },
    ]);
  });

  it('is every member where there was nothing, or is nothing left', () => {
    expect(recordDifference(null, { a: 1 })).toEqual([{ member: 'a', before: undefined, after: 1 }]);
    expect(recordDifference({ a: 1 }, null)).toEqual([{ member: 'a', before: 1, after: undefined }]);
    expect(recordDifference(null, null)).toEqual([]);
  });

  it.each([
    [{ a: [] }, { a: {} }],
    [{ a: null }, { a: undefined }],
    [{ a: null }, {}],
    [{ a: { x: 1 } }, { a: { y: 1 } }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: '1' }, { a: 1 }],
  ])('sees that %j is not %j', (before, after) => expect(recordDifference(before, after)).toHaveLength(1));

  it('is empty for what was read from the same text, and only then', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), (one, other) => {
        const again = JSON.parse(JSON.stringify(one)) as typeof one;
        expect(recordDifference(again, JSON.parse(JSON.stringify(one)) as typeof one)).toEqual([]);
        const differing = recordDifference(one, other).map(({ member }) => member);
        for (const member of Object.keys(one)) {
          const isSame = Object.hasOwn(other, member) && JSON.stringify(one[member]) === JSON.stringify(other[member]);
          expect(differing.includes(member) && isSame).toBe(false);
        }
      }),
    );
  });
});
