import { expect, it } from 'vitest';
import { parseServerAddress } from './server-address.ts';

it.each([
  ['a.example:7443', { host: 'a.example', port: 7443 }],
  ['192.0.2.1:1', { host: '192.0.2.1', port: 1 }],
  ['[2001:db8::1]:65535', { host: '2001:db8::1', port: 65_535 }],
])('reads %s', (text, address) => expect(parseServerAddress(text)).toEqual(address));

it.each(['', 'a', 'a:', ':1', 'a:0', 'a:65536', '2001:db8::1:7443', 'a:1/x', 'user@a:1', 'a b:1', '[a]:1', 'https://a:1'])(
  'refuses %j',
  (text) => expect(parseServerAddress(text)).toBeUndefined(),
);
