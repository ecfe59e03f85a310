import { describe, expect, it } from 'vitest';
import { exampleNode } from '../../test/example-node.ts';
import { changedNode, contradictionIn, type DecidedChange, saysNothing } from './change-node.ts';
import { decideDrain } from './decide-drain.ts';

const change = (rest: Partial<DecidedChange>): DecidedChange => ({
  labels: {},
  removeLabels: [],
  addGroups: [],
  removeGroups: [],
  ...rest,
});
const node = exampleNode({ labels: { rack: 'a', zone: 'b' }, groups: ['worker', 'gpu'], notes: 'old' });

describe('what changes about a node', () => {
  it('is what was said, and nothing else', () => {
    expect(changedNode(node, change({}))).toEqual({ labels: node.labels, groups: node.groups, notes: 'old', environments: 'on' });
    expect(
      changedNode(
        node,
        change({ labels: { rack: 'c', new: '' }, removeLabels: ['zone', 'none'], addGroups: ['gpu', 'db'], removeGroups: ['worker'] }),
      ),
    ).toEqual({ labels: { rack: 'c', new: '' }, groups: ['gpu', 'db'], notes: 'old', environments: 'on' });
    expect(changedNode(node, change({ notes: '', environments: 'off' }))).toMatchObject({ notes: '', environments: 'off' });
  });

  it('stays within the bounds of a node', () => {
    const addGroups = Array.from({ length: 63 }, (_, at) => `g${at}`);
    expect(changedNode(node, change({ addGroups }))).toEqual({ refusal: 'web1 would be in 65 groups; at most 64 are allowed.' });
    expect(changedNode(node, change({ addGroups, removeGroups: ['gpu'] }))).toHaveProperty('groups');
  });

  it('may not be said twice', () => {
    expect(contradictionIn(change({ labels: { a: '1' }, removeLabels: ['a'] }))).toBe('the label a is both set and removed');
    expect(contradictionIn(change({ addGroups: ['a'], removeGroups: ['a'] }))).toBe('the group a is both added and removed');
    expect(contradictionIn(change({ labels: { a: '1' }, removeLabels: ['b'] }))).toBeUndefined();
  });

  it('may be nothing, which is told', () => {
    expect(saysNothing(change({}))).toBe(true);
    for (const one of [
      { labels: { a: '' } },
      { removeLabels: ['a'] },
      { addGroups: ['a'] },
      { removeGroups: ['a'] },
      { notes: '' },
      { environments: 'on' },
    ])
      expect(saysNothing(change(one as Partial<DecidedChange>))).toBe(false);
  });
});

describe('a drain', () => {
  const work = ['2 tasks', '1 job'];

  it.each([
    ['nothing runs', { work: [], deadlineLeftSeconds: null, told: false }, 'drained'],
    ['nothing runs, after the deadline', { work: [], deadlineLeftSeconds: -5, told: true }, 'drained'],
    ['something runs', { work, deadlineLeftSeconds: null, told: false }, 'wait'],
    ['there is time left', { work, deadlineLeftSeconds: 1, told: false }, 'wait'],
    ['the deadline passed', { work, deadlineLeftSeconds: 0, told: false }, 'late'],
    ['the deadline passed, which was told', { work, deadlineLeftSeconds: -9, told: true }, 'wait'],
  ])('when %s', (_what, input, next) => expect(decideDrain('web1', input).next).toBe(next));

  it('says what it waits for', () => {
    expect(decideDrain('web1', { work, deadlineLeftSeconds: 0, told: false })).toMatchObject({
      message: 'web1 is not drained by its deadline: still there are 2 tasks, 1 job. The drain goes on.',
    });
  });
});
