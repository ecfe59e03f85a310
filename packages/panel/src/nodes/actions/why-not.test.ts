import { describe, expect, it } from 'vitest';
import { goodNode } from '../../../fake/fake-nodes.ts';
import { whyNot } from './why-not.ts';

const admin = { name: 'Ada', role: 'administrator', groups: null, mayExec: true } as const;
const { node } = goodNode(1);
const pending = (name: string) => goodNode(2, { name, registration: 'pending' }).node;

describe('why an action cannot be asked for', () => {
  it('is nothing where all nodes allow it', () => expect(whyNot(admin, 'rotate', [node])).toBeUndefined());

  it('is that none is selected', () => expect(whyNot(admin, 'rotate', [])).toBe('Select nodes first.'));

  it('is the sentence of the server, with how many more there are', () => {
    expect(whyNot(admin, 'rotate', [node, pending('a')])).toBe('a has not enrolled yet.');
    expect(whyNot(admin, 'rotate', [pending('a'), node, pending('b'), pending('c')])).toBe(
      'a has not enrolled yet. The same goes for 2 more of the 4 selected.',
    );
  });

  it('says once what holds for the person', () => {
    expect(whyNot({ ...admin, role: 'viewer' }, 'rotate', [node, node])).toBe(
      'Ada may not do this: it takes the role operator, and this account has the role viewer.',
    );
  });
});
