import { expect, test } from 'vitest';
import { describeHost, isSshError, SshError } from './index.ts';
import { oneLine } from './ssh-error.ts';

const HOST = { name: 'node1', address: '10.0.0.1', port: 22 };

test('an error says which host, what, during which command, and what to do', () => {
  const cause = new Error('inner');
  const error = new SshError({ kind: 'connectionLost', host: HOST, what: 'it broke', advice: 'Mend it.', command: 'work', cause });
  expect(String(error)).toBe('SshError: node1 (10.0.0.1:22): it broke (command: work). Mend it.');
  expect(error.cause).toBe(cause);
});

test('an error never carries the password of the target it was made with', () => {
  const target = { ...HOST, user: 'someone', password: 's3cret' };
  const error = new SshError({ kind: 'authFailed', host: target, what: 'no', advice: 'Yes.' });
  expect(JSON.stringify(error)).not.toContain('s3cret');
  expect(error.host).toEqual(HOST);
});

test('an IPv6 address stands in brackets', () => {
  expect(describeHost({ name: 'n', address: '2001:db8::1', port: 2222 })).toBe('n ([2001:db8::1]:2222)');
});

test('kinds are told apart', () => {
  const error = new SshError({ kind: 'timeout', host: HOST, what: 'late', advice: 'Wait.' });
  expect(isSshError(error)).toBe(true);
  expect(isSshError(error, 'timeout', 'unreachable')).toBe(true);
  expect(isSshError(error, 'unreachable')).toBe(false);
  expect(isSshError(new Error('timeout'))).toBe(false);
});

test.each([
  ['  a\r\n\tb  ', 'a b'],
  ['\u001B[31mred\u001B[0m\0', '[31mred [0m'],
  ['\u202Eright to left', 'right to left'],
])('%j becomes the harmless line %j', (text, line) => {
  expect(oneLine(text)).toBe(line);
});

test('a long text keeps its end', () => {
  expect(oneLine('x'.repeat(50) + 'the cause', 10)).toBe('...xthe cause');
});
