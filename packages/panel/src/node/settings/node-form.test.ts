import { describe, expect, it } from 'vitest';
import { goodNode } from '../../../fake/fake-nodes.ts';
import { fieldsOf, isChanged, replacementOf } from './node-form.ts';

const { node } = goodNode(1, { labels: { rack: 'a', spare: '' }, groups: ['worker', 'gpu'], notes: 'loud', revision: 7 });

describe('the fields of a node', () => {
  it('say what was decided, and read back as the same', () => {
    const fields = fieldsOf(node);
    expect(fields).toMatchObject({ publicIp: '', groups: 'worker, gpu', labels: 'rack=a\nspare', notes: 'loud' });
    expect(isChanged(fields, node)).toBe(false);
    const { name, privateIp, publicIp, groups, labels, notes, environments } = node;
    expect(replacementOf(fields, node)).toEqual({ body: { name, privateIp, publicIp, groups, labels, notes, environments, revision: 7 } });
  });

  it('can clear what was set', () => {
    const made = replacementOf({ ...fieldsOf(node), privateIp: ' ', labels: '', groups: '' }, node);
    expect(made).toMatchObject({ body: { privateIp: null, labels: {}, groups: [] } });
  });

  it('are wrong one by one', () => {
    const made = replacementOf({ ...fieldsOf(node), privateIp: 'x', groups: 'a/b' }, node);
    expect('faults' in made ? Object.keys(made.faults) : []).toEqual(['privateIp', 'groups']);
  });
});
