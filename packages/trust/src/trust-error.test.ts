import { describe, expect, it } from 'vitest';
import { TrustError, isTrustError, quoted } from './trust-error.ts';

describe('an error of this room', () => {
  it('says what happened and what to do, and keeps its cause', () => {
    const cause = new Error('below');
    const error = new TrustError({ code: 'invalid-name', what: 'this happened', advice: 'Do that.', cause });
    expect(error.message).toBe('this happened. Do that.');
    expect(error.cause).toBe(cause);
    expect(isTrustError(error)).toBe(true);
    expect(isTrustError(error, 'invalid-name')).toBe(true);
    expect(isTrustError(error, 'invalid-date')).toBe(false);
    expect(isTrustError(cause)).toBe(false);
  });
});

describe('text from outside', () => {
  it('is quoted, cut and without control characters', () => {
    expect(quoted('a "b"')).toBe(String.raw`"a \"b\""`);
    expect(quoted('\u001b\u009b\u202e\n')).toBe(String.raw`"\u001b\u009b\u202e\n"`);
    expect(quoted('x'.repeat(1000))).toHaveLength(105);
  });
});
