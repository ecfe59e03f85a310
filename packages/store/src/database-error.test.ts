import { describe, expect, it } from 'vitest';
import { codeOf, endsConnection, isPassing, lostToAnother, storeError, violatedConstraint } from './database-error.ts';
import { isStoreUnavailable, StoreUnavailable } from './errors.ts';

const withCode = (code: string, rest: object = {}): Error => Object.assign(new Error(`said ${code}`), { code, ...rest });

describe('what passes', () => {
  it.each([
    'ECONNREFUSED',
    'ENOENT',
    'ECONNRESET',
    'EPIPE',
    '08006',
    '57P01',
    '57P03',
    '53300',
    '53100',
    '57014',
    '25006',
    '58030',
    '40P01',
  ])('%s is StoreUnavailable, with its cause', (code) => {
    const cause = withCode(code);
    const mapped = storeError(cause);
    expect(mapped).toBeInstanceOf(StoreUnavailable);
    expect(mapped).toMatchObject({ cause, message: expect.stringContaining(`said ${code}`) });
    expect(isStoreUnavailable(mapped)).toBe(true);
  });

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
    'driver has already been destroyed',
  ])('"%s" of the driver too', (message) => expect(isPassing(new Error(message))).toBe(true));

  it('is whatever ended the session', () => expect(isPassing(withCode('55000', { severity: 'FATAL' }))).toBe(true));

  it.each(['23505', '23503', '42P01', '22P02', '42601', '55000', 'ERR_ASSERTION'])('%s is not, and stays as it is', (code) => {
    const error = withCode(code);
    expect(storeError(error)).toBe(error);
  });

  it('is nothing that is not an error of the database', () => {
    for (const thing of [undefined, null, 'text', 1, {}, new TypeError('ours')]) expect(storeError(thing)).toBe(thing);
    expect(codeOf({ code: 5 })).toBeUndefined();
  });
});

it('tells which connections are of no further use', () => {
  for (const error of [
    withCode('ECONNRESET'),
    withCode('57P01'),
    withCode('42000', { severity: 'FATAL' }),
    new Error('Query read timeout'),
  ]) {
    expect(endsConnection(error), error.message).toBe(true);
  }
  for (const error of [withCode('57014'), withCode('40P01'), withCode('23505'), new Error('ours')])
    expect(endsConnection(error), error.message).toBe(false);
});

it('knows what lost against another transaction, and what a constraint refused', () => {
  expect([lostToAnother(withCode('40P01')), lostToAnother(withCode('40001')), lostToAnother(withCode('23505'))]).toEqual([
    true,
    true,
    false,
  ]);
  expect(violatedConstraint(withCode('23505', { constraint: 'nodes_name_key' }))).toBe('nodes_name_key');
  expect(violatedConstraint(withCode('42P01', { constraint: 'nodes_name_key' }))).toBeUndefined();
});
