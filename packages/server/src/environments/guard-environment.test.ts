import { type Node, ProblemError, type Session } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { guardedSelector } from './guard-environment.ts';

const node = (name: string, ...groups: string[]): Node =>
  ({ id: name, name, groups, labels: {}, registration: 'registered', environments: 'on' }) as unknown as Node;
const nodes = [node('a1', 'a'), node('a2', 'a'), node('b1', 'b'), node('ab', 'a', 'b')];
const store = { nodes: { list: () => Promise.resolve({ items: nodes, total: nodes.length }) } } as unknown as Parameters<
  typeof guardedSelector
>[0];
const session = (groups: string[] | null, role: Session['role'] = 'operator'): Session => ({
  kind: 'person',
  id: null,
  twoFactor: false,
  provider: null,
  name: 'ada',
  email: null,
  role,
  groups,
  mayExec: false,
  hasPassword: true,
});

const refused = async (call: Promise<unknown>): Promise<string> => {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProblemError);
  return (error as ProblemError).problem.detail;
};

describe('the nodes of an environment', () => {
  it('are anybody’s for an account without limits', async () => {
    expect(await guardedSelector(store, session(null), null)).toEqual({ selector: null, by: 'ada' });
    expect(await guardedSelector(store, session(null), 'b')).toEqual({ selector: 'b', by: 'ada' });
  });

  it('stay within the groups of an account that is limited to some, also those that come later', async () => {
    expect(await guardedSelector(store, session(['a']), 'a1,a2')).toEqual({ selector: '(a1,a2)@(a)', by: 'ada' });
    expect(await guardedSelector(store, session(['a', 'b']), null)).toEqual({ selector: '(all)@(a,b)', by: 'ada' });
  });

  it('refuse the whole request where one of them is another group’s, now or before', async () => {
    expect(await refused(guardedSelector(store, session(['a']), null))).toMatch(/^Nothing was done\. ada may not act on b1/u);
    expect(await refused(guardedSelector(store, session(['a']), 'a1,b1'))).toMatch(/b1/u);
    expect(await refused(guardedSelector(store, session(['a']), 'a', 'b'))).toMatch(/b1/u);
    expect(await refused(guardedSelector(store, session(['a']), 'a', null))).toMatch(/b1/u);
  });

  it('of one that stays as it is are not written anew', async () => {
    expect(await guardedSelector(store, session(['a']), 'a1', 'a1')).toEqual({ selector: 'a1', by: 'ada' });
  });

  it('refuse a viewer, somebody in no group, and nobody at all', async () => {
    expect(await refused(guardedSelector(store, session(null, 'viewer'), null))).toMatch(/takes the role operator/u);
    expect(await refused(guardedSelector(store, session(['c']), 'a'))).toMatch(/in none of the groups c/u);
    expect(await refused(guardedSelector(store, undefined, null))).toMatch(/Sign in first/u);
  });

  it('have to be there: a selector that cannot be read is refused with the place', async () => {
    expect(await refused(guardedSelector(store, session(null), 'gone'))).toMatch(/The selector is not valid: .*gone/u);
    // The one before may be beyond reading: that is why it is changed.
    expect(await guardedSelector(store, session(null), 'a', 'gone')).toEqual({ selector: 'a', by: 'ada' });
  });
});
