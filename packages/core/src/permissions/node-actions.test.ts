import { describe, expect, it } from 'vitest';
import {
  type ActedNode,
  type Actor,
  type NodeAction,
  nodeActions,
  permissionRefusalOf,
  refusalOf,
  stateRefusalOf,
} from './node-actions.ts';

const node = (change: Partial<ActedNode> = {}): ActedNode => ({
  name: 'web1',
  groups: ['web'],
  registration: 'registered',
  certificateSerial: 'ab',
  maintenance: null,
  scheduling: { state: 'open', reason: '', by: null, since: null },
  agent: { state: 'normal', message: '', since: null, attempts: 0 },
  environments: 'on',
  ...change,
});
const actor = (change: Partial<Actor> = {}): Actor => ({ name: 'ada', role: 'administrator', groups: null, mayExec: true, ...change });
const cordoned = { state: 'cordoned', reason: 'disk', by: 'ada', since: '2026-01-01T00:00:00.000Z' } as const;
const maintenance = { reason: 'disk', by: 'ada', since: '2026-01-01T00:00:00.000Z', until: null };

describe('who may do what with a node', () => {
  it.each(nodeActions)('%s is nothing for a viewer, and the sentence names both roles', (action) => {
    expect(refusalOf(actor({ role: 'viewer' }), action, node())).toMatch(/takes the role (operator|administrator).*role viewer/u);
  });

  it('leaves removing, joining and reissuing to administrators', () => {
    const forOperators = nodeActions.filter(
      (action) => !/takes the role/u.test(refusalOf(actor({ role: 'operator' }), action, node()) ?? ''),
    );
    expect(nodeActions.filter((action) => !forOperators.includes(action))).toEqual(['remove', 'join', 'reissue']);
  });

  it.each(nodeActions)('%s stays within the groups of an account', (action) => {
    expect(refusalOf(actor({ groups: ['db'] }), action, node())).toBe(
      'ada may not act on web1: it is in none of the groups db of this account.',
    );
    expect(refusalOf(actor({ groups: [] }), action, node())).toMatch(/\(none\)/u);
    expect(refusalOf(actor({ groups: ['db', 'web'] }), action, node()) ?? '').not.toMatch(/groups/u);
  });

  it('asks for a permission of its own before commands', () => {
    expect(refusalOf(actor({ mayExec: false }), 'exec', node())).toMatch(/permission exec is missing/u);
    expect(refusalOf(actor({ mayExec: false }), 'console', node())).toMatch(/permission exec is missing/u);
    expect(refusalOf(actor({ mayExec: false }), 'service', node())).toBeUndefined();
  });
});

describe('which state allows what', () => {
  const refused = (state: Partial<ActedNode>) => nodeActions.filter((action) => refusalOf(actor(), action, node(state)) !== undefined);

  it.each<[string, Partial<ActedNode>, NodeAction[]]>([
    ['a node that works', {}, ['join', 'uncordon', 'end-maintenance']],
    [
      'one that has not enrolled',
      { registration: 'pending' },
      [
        'reissue',
        'rotate',
        'service',
        'exec',
        'start-agent',
        'stop-agent',
        'restart-agent',
        'uncordon',
        'end-maintenance',
        'read-journal',
        'sync-environments',
      ],
    ],
    ['one that is cordoned', { scheduling: cordoned }, ['join', 'cordon', 'end-maintenance']],
    ['one that is drained', { scheduling: { ...cordoned, state: 'drained' } }, ['join', 'cordon', 'drain', 'end-maintenance']],
    ['one in maintenance', { maintenance }, ['join', 'uncordon', 'begin-maintenance']],
    ['one without environments', { environments: 'off' }, ['join', 'uncordon', 'end-maintenance', 'sync-environments']],
  ])('%s', (_name, state, expected) => expect(refused(state)).toEqual(expected));
});

describe('a name that is taken', () => {
  it('is not given again without a yes, and the sentence says how to say it', () => {
    expect(refusalOf(actor(), 'join', node())).toBe(
      'web1 is registered. If its machine was re-imaged, say "muster node reissue web1": that revokes the old certificate and makes a new token.',
    );
  });

  it('is given again where no heartbeat ever proved the enrolment', () => {
    expect(refusalOf(actor(), 'join', node({ certificateSerial: null }))).toBeUndefined();
    expect(refusalOf(actor(), 'join', node({ registration: 'pending', certificateSerial: null }))).toBeUndefined();
  });
});

describe('the two parts of a refusal', () => {
  const viewer = actor({ role: 'viewer' });

  it('are about who asks, and about the node', () => {
    expect(permissionRefusalOf(viewer, 'uncordon', node())).toMatch(/takes the role operator/u);
    expect(permissionRefusalOf(actor(), 'uncordon', node())).toBeUndefined();
    expect(stateRefusalOf('uncordon', node())).toBe('web1 is not cordoned.');
    expect(stateRefusalOf('uncordon', node({ scheduling: cordoned }))).toBeUndefined();
  });

  it('are told in that order, so that nobody learns of a node what he may not act upon', () => {
    expect(refusalOf(viewer, 'uncordon', node())).toBe(permissionRefusalOf(viewer, 'uncordon', node()));
    expect(refusalOf(actor(), 'uncordon', node())).toBe(stateRefusalOf('uncordon', node()));
  });
});
