import { problem } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { markedParts, rangeFault, rangeFaultOf } from './range-fault.ts';

describe('how a range is written', () => {
  it.each(['', '  ', 'all', 'web[01-08],-web03', 'rack1@cores>=32', '/web.*'])('%j is right', (text) =>
    expect(rangeFault(text)).toBeUndefined(),
  );

  it('has its mistake at a place', () => {
    expect(rangeFault('a,,b')).toMatchObject({ offset: 2 });
    expect(rangeFault('web[01-08')?.message).toContain('[');
  });
});

it('is found in an answer of the server', () => {
  const message = 'There is no node or group "wbe1".';
  expect(rangeFaultOf(problem('invalid-request', message, [{ path: 'range', message, offset: 5, length: 4 }]))).toEqual({
    message,
    offset: 5,
    length: 4,
  });
  expect(rangeFaultOf(problem('invalid-request', 'x', [{ path: 'sort', message: 'x' }]))).toBeUndefined();
  expect(rangeFaultOf(new Error('range'))).toBeUndefined();
});

it.each([
  ['web1,wbe1', { offset: 5, length: 4 }, ['web1,', 'wbe1', '']],
  ['a,,b', { offset: 2, length: 0 }, ['a,', ',', 'b']],
  ['a,', { offset: 2, length: 0 }, ['a,', '\u00A0', '']],
  ['a', { offset: 99, length: 5 }, ['a', '\u00A0', '']],
])('%j is marked %o', (text, place, parts) => expect(markedParts(text, { message: '', ...place })).toEqual(parts));
