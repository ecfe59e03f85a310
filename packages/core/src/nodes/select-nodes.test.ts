import { describe, expect, it } from 'vitest';
import { exampleFacts, exampleNode, nowMs } from '../../test/example-node.ts';
import { parseNodeQuery } from './parse-node-query.ts';
import { selectNodes } from './select-nodes.ts';

const bare = { facts: null, reportedIp: null, lastHeartbeatAt: null, heartbeatAgeSeconds: null, clockSkewSeconds: null } as const;
const nodes = [
  exampleNode({ name: 'n10', facts: exampleFacts({ cores: 64, kernel: '6.10.0' }), labels: { rack: 'b' }, privateIp: '10.0.0.9' }),
  exampleNode({ name: 'n9', facts: exampleFacts({ cores: 8, kernel: '6.9.0' }), labels: {}, groups: ['gpu', 'worker'] }),
  exampleNode({
    ...bare,
    name: 'n1',
    privateIp: null,
    groups: [],
    certificateExpiresAt: null,
    health: { state: 'bad', reasons: [], since: null },
  }),
  exampleNode({ name: 'n2', privateIp: 'fd00::1', notes: 'Loud FAN', maintenance: { reason: 'x', by: 'ada', since: '', until: null } }),
];

function named(sort: string, ...filter: string[]): string {
  const parsed = parseNodeQuery(sort, filter);
  if (!parsed.ok) return parsed.errors.map(({ message }) => message).join();
  return selectNodes(nodes, parsed.sort, parsed.filters, nowMs)
    .map(({ name }) => name)
    .join(' ');
}

describe('the order', () => {
  it.each([
    ['name', 'n1 n2 n9 n10'],
    ['-name', 'n10 n9 n2 n1'],
    ['cores', 'n2 n9 n10 n1'],
    ['-cores', 'n10 n2 n9 n1'],
    ['health', 'n1 n2 n9 n10'],
    ['privateIp', 'n10 n9 n2 n1'],
    ['kernel', 'n2 n9 n10 n1'],
    ['label.rack', 'n1 n2 n10 n9'],
    ['-groups,-name', 'n10 n2 n9 n1'],
    ['maintenance,-cores', 'n2 n10 n9 n1'],
  ])('by %s is %s', (sort, order) => expect(named(sort)).toBe(order));
});

describe('the filters', () => {
  it.each([
    ['name:1', 'n1 n10'],
    ['name:=n1', 'n1'],
    ['notes:fan', 'n2'],
    ['notes:=', 'n1 n9 n10'],
    ['privateIp:=', 'n1'],
    ['health:bad,degraded', 'n1'],
    ['group:gpu,none', 'n9'],
    ['cores:>=8', 'n2 n9 n10'],
    ['cores:!=8', 'n10'],
    ['cores:none', 'n1'],
    ['lastHeartbeatAt:>now-23h', ''],
    ['lastHeartbeatAt:>=now-1d', 'n2 n9 n10'],
    ['certificateExpiresAt:<2026-05-01', 'n2 n9 n10'],
    ['certificateDaysLeft:<=88', 'n2 n9 n10'],
    ['certificateDaysLeft:>88', ''],
    ['label.rack:b', 'n10'],
    ['maintenance:on', 'n2'],
    ['connected:true', 'n1 n2 n9 n10'],
  ])('%s leaves %s', (filter, left) => expect(named('name', filter)).toBe(left));

  it('must all hold', () => expect(named('name', 'cores:>=8', 'label.rack:a')).toBe('n2'));
});
