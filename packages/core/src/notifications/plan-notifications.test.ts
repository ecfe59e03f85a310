import type { Event } from '@muster/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleEvent } from '../../test/example-event.ts';
import type { RangeWorld } from '../range/index.ts';
import { askedByRules, type NotificationRule, type NotifiedNode, planNotifications, severityIncludes } from './plan-notifications.ts';

const rule = (rest: Partial<NotificationRule> = {}): NotificationRule => ({
  targetId: 'ops',
  kinds: [],
  severity: 'warning',
  groups: [],
  range: null,
  ...rest,
});

const names = Array.from({ length: 9 }, (_, at) => `node0${at + 1}`);
const groups = new Map([
  ['rack1', names.slice(0, 4)],
  ['rack2', names.slice(4)],
]);
const coresOf = (name: string, attribute: string) => (attribute === 'cores' ? Number(name.slice(4)) : undefined);
const world: RangeWorld = { names, groups, attributes: new Map([['cores', null]]), attributeOf: coresOf };
const nodes = new Map<string, NotifiedNode>(
  names.map((name, at) => [name, { groups: [at < 4 ? 'rack1' : 'rack2'], inMaintenance: name === 'node09' }]),
);
/** An event about a node whose id is its name. */
const about = (nodeName: string | null, rest: Partial<Event> = {}) => exampleEvent({ nodeId: nodeName, nodeName, ...rest });

/** The ids of the events that one rule lets through. */
const told = (events: readonly Event[], rest: Partial<NotificationRule>, view: RangeWorld = world): readonly number[] =>
  planNotifications({ events, rules: [rule(rest)], nodes, world: view })[0]?.eventIds ?? [];

describe('who is told of an event', () => {
  it('is whoever wants at least its severity', () => {
    const events = [
      about('node01', { id: 1, severity: 'info' }),
      about('node01', { id: 2, severity: 'warning' }),
      about('node01', { id: 3 }),
    ];
    expect(told(events, { severity: 'info' })).toEqual([1, 2, 3]);
    expect(told(events, {})).toEqual([2, 3]);
    expect(told(events, { severity: 'error' })).toEqual([3]);
    expect(severityIncludes('warning', 'error')).toBe(false);
  });

  it('is whoever wants its kind', () => {
    const events = [about('node01', { id: 1 }), about('node01', { id: 2, kind: 'connection-refused' })];
    expect(told(events, { kinds: ['connection-refused'] })).toEqual([2]);
    expect(told(events, { kinds: ['connection-refused', 'node-health'] })).toEqual([1, 2]);
    expect(told(events, { kinds: ['sign-in'] })).toEqual([]);
  });

  it('is whoever wants its node, by group or by range; of no node in particular only who wants all', () => {
    const events = [about('node01', { id: 1 }), about('node05', { id: 2 }), about(null, { id: 3, kind: 'liveness-brake' })];
    expect(told(events, { groups: ['rack1'] })).toEqual([1]);
    expect(told(events, { groups: ['rack1', 'rack2'] })).toEqual([1, 2]);
    expect(told(events, { groups: ['nowhere'] })).toEqual([]);
    expect(told(events, { range: 'node[04-06]' })).toEqual([2]);
    expect(told(events, { range: 'rack2,-node05' })).toEqual([]);
    expect(told(events, { range: 'cores>=5' })).toEqual([2]);
    expect(told(events, { range: 'node[04-06]', groups: ['rack1'] })).toEqual([]);
    expect(told(events, {})).toEqual([1, 2, 3]);
  });

  it('tells each target once, whatever number of its rules match, in the order of events', () => {
    const events = [about('node02', { id: 5 }), about('node01', { id: 4 })];
    const rules = [rule(), rule({ groups: ['rack1'] }), rule({ targetId: 'boss', severity: 'error' })];
    expect(planNotifications({ events, rules, nodes, world })).toEqual([
      { targetId: 'ops', eventIds: [4, 5] },
      { targetId: 'boss', eventIds: [4, 5] },
    ]);
    expect(planNotifications({ events, rules: [], nodes, world })).toEqual([]);
  });
});

describe('a node in maintenance', () => {
  it.each([
    'node-health',
    'node-disconnected',
    'agent-restarted',
    'agent-needs-attention',
    'certificate-near-end',
    'task-changed',
  ] as const)('calls nobody by %s', (kind) => expect(told([about('node09', { kind })], {})).toEqual([]));

  it.each(['node-maintenance', 'node-removed', 'certificate-revoked', 'connection-refused'] as const)('still tells of %s', (kind) =>
    expect(told([about('node09', { kind })], {})).toEqual([1]),
  );
});

describe('a node that is gone', () => {
  const gone = about('node77', { nodeId: 'gone', kind: 'node-removed' });

  it('is told of whatever groups and range are asked for: nobody knows any more where it was', () => {
    expect(told([gone], { groups: ['rack1'] })).toEqual([1]);
    expect(told([gone], { range: 'node[01-03]' })).toEqual([1]);
  });

  it('does not make a range that names it useless for the others', () => {
    const events = [about('node02', { id: 1 }), about('node08', { id: 2 })];
    const rest: RangeWorld = { ...world, names: names.filter((name) => name !== 'node03'), groups: new Map() };
    expect(told(events, { range: 'node[01-05]' }, rest)).toEqual([1]);
    expect(told(events, { range: 'node03,node55,node66,node02' }, rest)).toEqual([1]);
  });

  it('is told of too much and not too little by a range that cannot be read any more', () => {
    expect(told([about('node02')], { range: 'weight>3' })).toEqual([1]);
    expect(told([about('node02')], { range: 'node[' })).toEqual([1]);
    expect(told([about(null)], { range: 'node[' })).toEqual([]);
  });
});

it('asks of the world what the ranges need, and nothing where there is none', () => {
  expect(askedByRules([rule(), rule({ groups: ['rack1'] })])).toBeUndefined();
  expect(askedByRules([rule({ range: 'cores>4,os=~debian' }), rule({ range: 'label.rack=a@cores>1' }), rule({ range: 'node[' })])).toEqual({
    fields: expect.arrayContaining(['cores', 'os']),
    labels: true,
  });
  expect(askedByRules([rule({ range: 'node1' })])).toEqual({ fields: [], labels: false });
});

it('never tells a target of its own failure, which would go round for ever', () => {
  const failed = (id: number, targetId: string) => about(null, { id, kind: 'notification-failed', data: { targetId } });
  expect(told([failed(1, 'ops'), failed(2, 'other')], {})).toEqual([2]);
});

it('tells the same whether events come one by one or all at once', () => {
  const event = fc.record({
    id: fc.integer({ min: 1, max: 1000 }),
    severity: fc.constantFrom('info', 'warning', 'error'),
    name: fc.constantFrom(...names, 'gone', null),
    kind: fc.constantFrom('node-health', 'sign-in', 'node-removed'),
  });
  const some = fc.record({
    severity: fc.constantFrom('info', 'warning', 'error'),
    range: fc.constantFrom(null, 'rack1', 'node[01-02]', 'all'),
    groups: fc.constantFrom([], ['rack2']),
  });
  fc.assert(
    fc.property(fc.uniqueArray(event, { selector: (one) => one.id }), fc.array(some, { maxLength: 4 }), (given, wishes) => {
      const events = given.toSorted((a, b) => a.id - b.id).map(({ name, ...rest }) => about(name, rest as Partial<Event>));
      const rules = wishes.map((wish) => rule(wish as Partial<NotificationRule>));
      const plan = (list: readonly Event[]) => planNotifications({ events: list, rules, nodes, world })[0]?.eventIds ?? [];
      expect(events.flatMap((one) => plan([one]))).toEqual(plan(events));
    }),
  );
});
