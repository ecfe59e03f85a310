import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/inventory-fixtures.ts';
import { InventoryError, locating, quotable, readingFrom } from './inventory-error.ts';

const problem = { problem: 'it is wrong', advice: 'Mend it.' };

describe('InventoryError', () => {
  it.each([
    [{}, 'it is wrong. Mend it.'],
    [{ file: 'f' }, 'f: it is wrong. Mend it.'],
    [{ file: 'f', line: 2, column: 3 }, 'f:2:3: it is wrong. Mend it.'],
    [{ file: 'f', line: 2, offending: 'a "b"' }, 'f:2: it is wrong ("a \\"b\\""). Mend it.'],
  ])('%j', (place, message) => {
    expect(new InventoryError({ ...problem, ...place }).message).toBe(message);
  });

  it('shortens what it quotes', () => {
    const { message } = new InventoryError({ ...problem, offending: 'x'.repeat(500) });
    expect(message.length).toBeLessThan(200);
  });
});

describe('locating', () => {
  it('adds the place and keeps what is known, with the cause', () => {
    const cause = new Error('why');
    const error = failureOf(() =>
      locating({ file: 'f', line: 1, column: 1 }, () => {
        throw new InventoryError({ ...problem, column: 7 }, { cause });
      }),
    );
    expect(error).toMatchObject({ file: 'f', line: 1, column: 7, cause });
  });

  it('leaves an error with a place, and other errors, as they are', () => {
    const located = new InventoryError({ ...problem, file: 'g' });
    const fail = (error: Error) => () =>
      locating({ file: 'f' }, () => {
        throw error;
      });
    expect(failureOf(fail(located))).toBe(located);
    expect(fail(new RangeError('x'))).toThrow(RangeError);
    expect(locating({}, () => 5)).toBe(5);
  });
});

describe('readingFrom', () => {
  it('names the file of whatever is thrown', () => {
    const error = failureOf(() =>
      readingFrom('f', () => {
        throw new TypeError('a reason');
      }),
    );
    expect(error.message).toBe('f: the file cannot be read: a reason. Check that it exists and may be read.');
  });
});

describe('quotable', () => {
  it('holds back what may be a secret', () => {
    expect(quotable('x', 'h1 a=')).toBe('x');
    expect(quotable('x', 'h1 API_TOKEN=y ')).toBeUndefined();
    expect(quotable('my_password x', '')).toBeUndefined();
  });
});
