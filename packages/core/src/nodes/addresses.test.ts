import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleFacts } from '../../test/example-node.ts';
import { addressOrder, canonicalAddress, isGlobalAddress, mainAddressOf } from './addresses.ts';

describe('one spelling for each address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['FD00:0010:0::0001', 'fd00:10::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:DB8::', '2001:db8::'],
    ['not:an:address', 'not:an:address'],
    ['', ''],
  ])('%s is %s', (text, canonical) => expect(canonicalAddress(text)).toBe(canonical));

  it('never throws, and says the same of what it said', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4()), (text) => {
        expect(canonicalAddress(canonicalAddress(text))).toBe(canonicalAddress(text));
      }),
    );
  });
});

describe('an address in the internet', () => {
  it.each(['8.8.8.8', '172.32.0.1', '172.15.0.1', '100.128.0.1', '2001:db8::1', '2a00::1'])('is %s', (one) =>
    expect(isGlobalAddress(one)).toBe(true),
  );
  it.each([
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.1',
    '192.168.1.1',
    '127.0.0.1',
    '169.254.1.1',
    '100.64.0.1',
    '100.127.0.1',
    '::1',
    'fd00::1',
    'fe80::1',
    'fc00::1',
  ])('is not %s', (one) => expect(isGlobalAddress(one)).toBe(false));
});

describe('the main address of a machine', () => {
  const on = (...list: [string, string][]) =>
    exampleFacts({
      addresses: list.map(([name, address]) => ({ interface: name, address, family: address.includes(':') ? 'ipv6' : 'ipv4' })),
    });

  it('is an IPv4 one of a real interface, where there is any', () => {
    expect(mainAddressOf(on(['docker0', '172.17.0.1'], ['eth0', 'fd00::1'], ['eth0', '10.0.0.1'], ['eth1', '10.1.0.1']))).toBe('10.0.0.1');
    expect(mainAddressOf(on(['docker0', '172.17.0.1'], ['eth0', 'FD00:0::1']))).toBe('fd00::1');
    expect(mainAddressOf(on(['br-5', '172.17.0.1']))).toBe('172.17.0.1');
  });

  it('is none where nothing was reported', () => {
    expect(mainAddressOf(null)).toBeNull();
    expect(mainAddressOf(on())).toBeNull();
  });
});

describe('the order of addresses', () => {
  it('is that of their numbers, IPv4 first', () => {
    const sorted = ['10.0.0.9', '10.0.0.10', '10.0.1.0', '192.168.0.1', '::1', 'fd00::2', 'fd00::10', 'fd00:0:1::'];
    expect(sorted.toReversed().sort(addressOrder)).toEqual(sorted);
    expect(addressOrder('fd00::1', 'FD00:0::1')).toBe(0);
  });
});
