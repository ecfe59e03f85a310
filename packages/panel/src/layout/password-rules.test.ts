import { expect, it } from 'vitest';
import { passwordFaults } from './password-rules.ts';

const right = { current: 'old', next: 'x'.repeat(12), repeated: 'x'.repeat(12) };

it('lets what is right pass', () => {
  expect(passwordFaults(right, true)).toEqual({});
  expect(passwordFaults({ ...right, current: '' }, false)).toEqual({});
});

it('names each field that is wrong', () => {
  expect(Object.keys(passwordFaults({ current: '', next: 'short', repeated: 'other' }, true))).toEqual(['current', 'next', 'repeated']);
  expect(passwordFaults({ ...right, next: 'x'.repeat(11) }, true)).toHaveProperty('next');
});
