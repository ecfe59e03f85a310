import { describe, expect, it } from 'vitest';
import { goodNode } from '../../fake/fake-nodes.ts';
import { hostnameDiffers, mismatchesOf } from './mismatch.ts';

describe('hostnameDiffers', () => {
  it.each([
    ['n1', 'n1'],
    ['n1', 'N1'],
    ['n1', 'n1.example.org'],
    ['n1.example.org', 'n1'],
    ['n1.example.org', 'N1.Example.ORG.'],
  ])('takes %s and %s for the same machine', (name, hostname) => expect(hostnameDiffers(name, hostname)).toBe(false));

  it.each([
    ['n1', 'n2'],
    ['n1.a', 'n1.b'],
    ['n1', 'n10'],
    ['n1', ''],
    ['n1.example.org', 'localhost'],
    ['n1', 'n1x.example.org'],
  ])('tells %s and %s apart', (name, hostname) => expect(hostnameDiffers(name, hostname)).toBe(true));
});

describe('mismatchesOf', () => {
  const node = goodNode(1).node;
  const facts = node.facts!;

  it('finds none where all agrees, or where nothing was reported yet', () => {
    expect(mismatchesOf(node)).toEqual([]);
    expect(mismatchesOf({ ...node, facts: null })).toEqual([]);
    expect(mismatchesOf({ ...node, privateIp: null })).toEqual([]);
    expect(mismatchesOf({ ...node, facts: { ...facts, addresses: [] } })).toEqual([]);
  });

  it('names both values', () => {
    const found = mismatchesOf({ ...node, name: 'other', privateIp: '192.0.2.1' });
    expect(found).toEqual([
      { what: 'hostname', decided: 'other', reported: facts.hostname },
      { what: 'private IP', decided: '192.0.2.1', reported: '10.20.0.2, fd00:10::1' },
    ]);
  });

  it('knows the spellings of an IPv6 address', () => {
    expect(mismatchesOf({ ...node, privateIp: 'FD00:0010:0::0001' })).toEqual([]);
    const zoned = { ...facts, addresses: [{ interface: 'eth0', address: 'fe80::1%eth0', family: 'ipv6' as const }] };
    expect(mismatchesOf({ ...node, privateIp: 'fe80:0::1', facts: zoned })).toEqual([]);
  });

  it('does not mind a public address that the machine itself does not have', () => {
    expect(mismatchesOf({ ...node, publicIp: '198.51.100.1' })).toEqual([]);
  });
});
