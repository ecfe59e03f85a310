import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleNode } from '../../test/example-node.ts';
import { IpAddress, Node, NodeCreate, NodeName, NodeReplace } from '../index.ts';

/** A node that was only just added: everything observed is still missing. */
const freshNode: Node = {
  ...exampleNode,
  registration: 'pending',
  registeredAt: null,
  health: { state: 'unknown', reasons: [], since: null },
  connected: false,
  lastHeartbeatAt: null,
  heartbeatAgeSeconds: null,
  clockSkewSeconds: null,
  facts: null,
  certificateSerial: null,
  certificateExpiresAt: null,
  privateIp: null,
  publicIp: null,
};

describe('a node', () => {
  it.each([
    ['a whole one', exampleNode],
    ['a fresh one', freshNode],
  ])('that GET gives, PUT takes back unchanged: %s', (_what, node) => {
    const shown = Node.parse(JSON.parse(JSON.stringify(node)));
    expect(shown).toEqual(node);
    expect(NodeReplace.parse(shown)).toEqual(shown);
  });

  it('may be replaced by what a person decides alone, and by nothing less', () => {
    const { name, privateIp, publicIp, labels, groups, environments, notes } = exampleNode;
    const decided = { name, privateIp, publicIp, labels, groups, environments, notes };
    expect(NodeReplace.safeParse(decided).success).toBe(true);
    for (const member of Object.keys(decided)) {
      const { [member]: _left, ...rest } = decided as Record<string, unknown>;
      expect(NodeReplace.safeParse(rest).success).toBe(false);
    }
  });

  it('is not replaced by a misspelt one', () => {
    expect(NodeReplace.safeParse({ ...exampleNode, enviroments: 'off' }).success).toBe(false);
    expect(NodeCreate.safeParse({ name: 'web1', group: ['a'] }).success).toBe(false);
  });

  it('needs no more than a name to be added', () => {
    expect(NodeCreate.parse({ name: 'web1' })).toEqual({
      name: 'web1',
      privateIp: null,
      publicIp: null,
      labels: {},
      groups: [],
      environments: 'on',
      notes: '',
    });
  });

  it.each([
    { labels: { '': 'x' } },
    { labels: { '-a': 'x' } },
    { labels: { a: 'x'.repeat(256) } },
    { labels: { ['k'.repeat(64)]: '' } },
    { groups: ['a b'] },
    { groups: ['-a'] },
    { groups: Array.from({ length: 65 }, () => 'a') },
    { environments: 'maybe' },
    { notes: 'x'.repeat(4001) },
    { privateIp: '10.0.0.256' },
    { publicIp: 'web1' },
  ])('is not added with %o', (change) => expect(NodeCreate.safeParse({ name: 'web1', ...change }).success).toBe(false));
});

describe('the name of a node', () => {
  it.each(['a', 'web1', 'web-1.rack2.example.org', '10.0.0.1', `${'a'.repeat(63)}.b`])('may be %s', (name) => {
    expect(NodeName.safeParse(name).success).toBe(true);
  });

  it.each([
    '',
    'Web1',
    'web_1',
    '-web',
    'web-',
    'web..1',
    '.web',
    'web.',
    'a'.repeat(64),
    'web 1',
    '../etc',
    'wéb',
    'web\n',
    'a.'.repeat(127),
    'all',
    'export',
  ])('may not be %j', (name) => expect(NodeName.safeParse(name).success).toBe(false));

  it('is decided in good time for any text', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', '-', '.'), maxLength: 253 }), (text) => void NodeName.safeParse(text)));
  });
});

describe('an address', () => {
  it.each(['10.0.0.1', '2001:db8::1', '::1', '127.0.0.1', 'fd00::ffff:1', '2001:db8::ffff:1:2', '1::ffff:1:2', '223.255.255.255'])(
    'may be %s',
    (address) => {
      expect(IpAddress.safeParse(address).success).toBe(true);
    },
  );

  it.each(['', '10.0.0', '10.0.0.1/24', 'fe80::1%eth0', '[::1]', '1.2.3.4.5', 'localhost'])('may not be %j', (address) => {
    expect(IpAddress.safeParse(address).success).toBe(false);
  });

  it.each([
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '239.1.2.3',
    '::',
    '0:0::0',
    'ff02::1',
    'FF05::2',
    '::ffff:10.0.0.1',
    '::FFFF:a00:1',
  ])('is one of a single machine, so it may not be %s', (address) => {
    const parsed = IpAddress.safeParse(address);
    expect(parsed.error?.issues[0]?.message).toContain('not an address of one machine');
  });
});
