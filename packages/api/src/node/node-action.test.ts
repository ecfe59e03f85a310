import { describe, expect, it } from 'vitest';
import { NodeActionRequest } from './node-action.ts';
import { NodeViewCreate, NodeViewReplace } from './node-view.ts';

const isGood = (request: object): boolean => NodeActionRequest.safeParse(request).success;

describe('an action on nodes', () => {
  it('has defaults for what nobody said', () => {
    expect(NodeActionRequest.parse({ action: 'cordon', range: 'all' })).toEqual({ action: 'cordon', range: 'all', reason: '' });
    expect(NodeActionRequest.parse({ action: 'change', range: 'rack1', notes: '' })).toEqual({
      action: 'change',
      range: 'rack1',
      labels: {},
      removeLabels: [],
      addGroups: [],
      removeGroups: [],
      notes: '',
    });
  });

  it.each([
    { action: 'drain', range: 'n1', deadlineSeconds: 60 },
    { action: 'begin-maintenance', range: 'n1', reason: 'disk', until: '2026-01-01T00:00:00+01:00' },
    { action: 'begin-maintenance', range: 'n1', reason: ' disk ', seconds: 5 },
    { action: 'end-maintenance', range: 'n1' },
    { action: 'uncordon', range: 'n1' },
    { action: 'remove', range: 'n1' },
    { action: 'change', range: 'n1', labels: { rack: 'a' }, removeLabels: ['zone'], addGroups: ['a'], environments: 'off' },
  ])('may be %o', (request) => expect(isGood(request)).toBe(true));

  it.each([
    { action: 'explode', range: 'n1' },
    { action: 'cordon' },
    { action: 'cordon', range: '' },
    { action: 'cordon', range: ['n1'] },
    { action: 'cordon', range: 'n1', until: '2026-01-01T00:00:00Z' },
    { action: 'drain', range: 'n1', deadlineSeconds: 0 },
    { action: 'drain', range: 'n1', deadlineSeconds: 1e12 },
    { action: 'begin-maintenance', range: 'n1' },
    { action: 'begin-maintenance', range: 'n1', reason: '  ' },
    { action: 'begin-maintenance', range: 'n1', reason: 'x', until: 'tomorrow' },
    { action: 'begin-maintenance', range: 'n1', reason: 'x', seconds: 1.5 },
    { action: 'change', range: 'n1', labels: { '-': 'a' } },
    { action: 'change', range: 'n1', addGroups: ['a b'] },
    { action: 'change', range: 'n1', notes: 'x'.repeat(4001) },
    { action: 'change', range: 'n1', name: 'other' },
  ])('may not be %o', (request) => expect(isGood(request)).toBe(false));
});

describe('a saved view', () => {
  it('needs no more than a name', () => {
    expect(NodeViewCreate.parse({ name: 'bad ones', query: {} })).toEqual({
      name: 'bad ones',
      shared: false,
      query: { sort: 'name', filter: [], range: null, columns: null },
    });
  });

  it('is taken back with what was observed of it', () => {
    const shown = {
      id: '7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c',
      name: 'gpus',
      shared: true,
      query: { sort: '-gpus', filter: ['gpus:>0'], range: 'rack1', columns: ['name', 'gpus'] },
      owner: 'ada',
      own: true,
      updatedAt: '2026-01-01T00:00:00.000Z',
    };
    expect(NodeViewReplace.parse(shown)).toEqual(shown);
  });

  it.each(['', ' a', 'a ', '-a', 'a/b', 'a\nb', 'x'.repeat(64), '<b>'])('has no name like %j', (name) => {
    expect(NodeViewCreate.safeParse({ name, query: {} }).success).toBe(false);
  });
});
