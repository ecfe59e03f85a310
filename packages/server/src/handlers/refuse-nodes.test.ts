import { type Node, ProblemError, type Session } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { refuseNodes } from './refuse-nodes.ts';

const session = (change: Partial<Session> = {}): Session => ({
  kind: 'person',
  id: 'a1',
  twoFactor: false,
  provider: null,
  name: 'alice',
  email: null,
  role: 'operator',
  groups: null,
  mayExec: false,
  hasPassword: true,
  ...change,
});

/** Of a node, what permissions look at. */
const node = (name: string, change: Partial<Node> = {}): Node =>
  ({
    name,
    groups: ['a'],
    registration: 'registered',
    maintenance: null,
    scheduling: { state: 'open', reason: '', by: null, since: null },
    ...change,
  }) as Node;

const problemOf = (...args: Parameters<typeof refuseNodes>) => {
  try {
    refuseNodes(...args);
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
  }
  throw new Error('it was not refused');
};

describe('who may not do it with one node may do it with none', () => {
  it('passes whoever may', () => {
    expect(refuseNodes(session(), 'service', [node('n1'), node('n2')]).name).toBe('alice');
  });

  it.each([
    [undefined, 'not-signed-in', 'Sign in first.'],
    [session({ role: 'viewer' }), 'not-allowed', 'it takes the role operator'],
    [session({ groups: ['b'] }), 'not-allowed', 'alice may not act on n1'],
    [session({ groups: [] }), 'not-allowed', 'in none of the groups (none)'],
  ])('refuses %j', (who, code, said) => {
    expect(problemOf(who, 'service', [node('n1')])).toMatchObject({ code, detail: expect.stringContaining(said) as unknown });
  });

  it('asks for a permission of its own for commands', () => {
    expect(problemOf(session(), 'exec', [node('n1')]).detail).toContain('the permission exec is missing');
    expect(refuseNodes(session({ mayExec: true }), 'exec', [node('n1')])).toBeDefined();
  });

  it('names every node with its reason', () => {
    const nodes = [node('n1'), ...[2, 3, 4].map((number) => node(`n${number}`, { groups: ['b'] }))];
    const { detail, errors } = problemOf(session({ groups: ['a'] }), 'service', nodes);
    expect(detail).toContain('Nothing was done. alice may not act on n2: it is in none of the groups a of this account.');
    expect(detail).toContain('alice may not act on n4');
    expect(errors?.map(({ path }) => path)).toEqual(['n2', 'n3', 'n4']);
  });
});
