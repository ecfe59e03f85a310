import { describe, expect, it } from 'vitest';
import { exampleFacts } from '../../test/example-node.ts';
import { hostnameDiffers, mismatchesOf } from './node-mismatch.ts';

describe('a host name', () => {
  it.each([
    ['n1', 'n1'],
    ['n1', 'N1'],
    ['n1', 'n1.example.org'],
    ['n1.example.org', 'n1'],
    ['n1.example.org', 'N1.Example.ORG.'],
  ])('agrees: the node %s on the machine %s', (name, hostname) => expect(hostnameDiffers(name, hostname)).toBe(false));

  it.each([
    ['n1', 'n2'],
    ['n1.a', 'n1.b'],
    ['n1', 'n10'],
    ['n1', ''],
    ['n1.example.org', 'localhost'],
    ['n1', 'n1x.example.org'],
    ['n1.example.org', 'n1.example.org.evil.example'],
  ])('differs: the node %s on the machine %s', (name, hostname) => expect(hostnameDiffers(name, hostname)).toBe(true));
});

describe('what was decided and is reported otherwise', () => {
  const decided = { name: 'web1', privateIp: '10.0.0.11', publicIp: null };
  const facts = exampleFacts();
  const at = (...addresses: string[]) =>
    exampleFacts({
      addresses: addresses.map((address) => ({ interface: 'eth0', address, family: address.includes(':') ? 'ipv6' : 'ipv4' })),
    });

  it('is nothing where all agrees, or nothing was reported, or nothing decided', () => {
    expect(mismatchesOf(decided, facts)).toEqual([]);
    expect(mismatchesOf(decided, null)).toEqual([]);
    expect(mismatchesOf({ ...decided, privateIp: null }, at('10.9.9.9'))).toEqual([]);
    expect(mismatchesOf(decided, at())).toEqual([]);
  });

  it('has both values', () => {
    expect(mismatchesOf({ name: 'db1', privateIp: '192.0.2.1', publicIp: null }, at('10.0.0.11', 'fd00:10::1'))).toEqual([
      { member: 'hostname', decided: 'db1', reported: 'web1' },
      { member: 'privateIp', decided: '192.0.2.1', reported: '10.0.0.11, fd00:10::1' },
    ]);
  });

  it('knows the spellings of an IPv6 address', () => {
    expect(mismatchesOf({ ...decided, privateIp: 'FD00:0010:0::0001' }, at('fd00:10::1'))).toEqual([]);
    expect(mismatchesOf({ ...decided, privateIp: 'fe80:0::1' }, at('fe80::1%eth0'))).toEqual([]);
  });

  it('is a public address only where the machine has another public one of its kind', () => {
    const withPublic = { ...decided, privateIp: null, publicIp: '198.51.100.1' };
    expect(mismatchesOf(withPublic, at('10.0.0.11', '2001:db8::1'))).toEqual([]);
    expect(mismatchesOf(withPublic, at('198.51.100.1', '8.8.8.8'))).toEqual([]);
    expect(mismatchesOf(withPublic, at('10.0.0.11', '8.8.8.8'))).toEqual([
      { member: 'publicIp', decided: '198.51.100.1', reported: '8.8.8.8' },
    ]);
  });
});
