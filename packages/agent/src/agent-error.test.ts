import { expect, it } from 'vitest';
import { AgentError, messageOf, systemCodeOf } from './agent-error.ts';

it('has an exit status per kind, and keeps its cause', () => {
  const cause = new Error('why');
  const error = new AgentError('refused', 'no', cause);
  expect([error.exitStatus, error.cause, error.name]).toEqual([3, cause, 'AgentError']);
  expect(new AgentError('failed', 'no')).not.toHaveProperty('cause');
});

it('puts anything thrown on one line', () => {
  expect(messageOf(new Error('a\n  b'))).toBe('a b');
  expect(messageOf('text ')).toBe('text');
  expect(messageOf(undefined)).toBe('undefined');
});

it('finds the code of a system error', () => {
  expect(systemCodeOf(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect([systemCodeOf(new Error('x')), systemCodeOf(null), systemCodeOf({ code: 5 })]).toEqual([undefined, undefined, undefined]);
});
