import { Node, problem, problemStatus, type ProblemCode } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { describeError, isNotFound, isPassing, isSignedOut } from './describe-error.ts';

const codes = Object.keys(problemStatus) as ProblemCode[];

describe('describeError', () => {
  it.each(codes)('says what happened and what to do for %s', (code) => {
    const { title, detail, advice } = describeError(problem(code, 'Because of this.'));
    expect(title).not.toBe('');
    expect(detail).toBe('Because of this.');
    expect(advice).toMatch(/\.$/u);
  });

  it('names each wrong place of a request', () => {
    const error = problem('invalid-request', 'No.', [
      { path: 'name', message: 'too long' },
      { path: '', message: 'empty' },
    ]);
    expect(describeError(error).detail).toBe('No. · name: too long · empty');
  });

  it('tells a server that is away from one that is silent', () => {
    expect(describeError(new TypeError('Failed to fetch')).title).toBe('The server cannot be reached');
    expect(describeError(new DOMException('x', 'TimeoutError')).title).toBe('The server does not answer');
  });

  it('says where an answer did not fit', () => {
    const { error } = Node.safeParse({});
    expect(describeError(error).detail).toContain('(at id)');
    expect(describeError(new SyntaxError('x')).advice).toBe('Reload the page.');
    expect(describeError(undefined).title).toBe('The answer was not understood');
  });
});

it('knows which errors pass by themselves', () => {
  const passing = codes.filter((code) => isPassing(problem(code, 'x')));
  expect(passing).toEqual(['internal-error', 'store-unavailable']);
  expect(isPassing(new TypeError('Failed to fetch'))).toBe(true);
  expect(isPassing(new DOMException('x', 'TimeoutError'))).toBe(true);
  expect(isPassing(new SyntaxError('x'))).toBe(false);
});

it('knows the two errors that lead elsewhere', () => {
  expect(codes.filter((code) => isSignedOut(problem(code, 'x')))).toEqual(['not-signed-in']);
  expect(codes.filter((code) => isNotFound(problem(code, 'x')))).toEqual(['not-found']);
});
