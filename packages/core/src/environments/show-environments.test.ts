import { describe, expect, it } from 'vitest';
import { environment, node, picture, work } from '../../test/environment-picture.ts';
import type { EnvironmentPicture } from './picture.ts';
import { showEnvironments } from './show-environments.ts';

const nodeIn = (given: EnvironmentPicture) => showEnvironments(given).nodes[0]?.node;
const itemsIn = (given: EnvironmentPicture) => showEnvironments(given).nodes[0]?.items;

describe('a node with its environments', () => {
  it.each<[string, EnvironmentPicture, string, string]>([
    ['level', picture([environment('ml')], [node('n1', ['ml 1'])]), 'in-sync', ''],
    ['without any', picture([], [node('n1')]), 'in-sync', ''],
    ['missing one', picture([environment('ml')], [node('n1')]), 'out-of-sync', 'ml: missing'],
    ['behind', picture([environment('ml', { version: 3 })], [node('n1', ['ml 2'])]), 'out-of-sync', 'ml: version 2 instead of 3'],
    ['changed by hand', picture([environment('ml')], [node('n1', ['ml 1 else'])]), 'out-of-sync', 'ml: version 1 made of something else'],
    [
      'with one too many',
      picture([environment('ml', { removed: true })], [node('n1', ['ml 1'])]),
      'out-of-sync',
      'ml: there, and should not be',
    ],
    [
      'with one of somebody else',
      picture([], [node('n1', ['x 1'])]),
      'out-of-sync',
      'x: there, and should not be (this server does not know it)',
    ],
    [
      'with several',
      picture([environment('ml'), environment('web')], [node('n1', ['web 2'])]),
      'out-of-sync',
      'ml: missing; web: version 2 instead of 1',
    ],
    ['off', picture([environment('ml')], [node('n1', [], { environments: 'off' })]), 'off', ''],
    ['not heard', picture([environment('ml')], [node('n1', ['ml 1'], { connected: false })]), 'unknown', ''],
    ['that never said', picture([environment('ml')], [node('n1', null)]), 'unknown', ''],
    [
      'that cannot say',
      picture([environment('ml')], [node('n1', null, { report: { available: false, reason: 'EACCES' } })]),
      'unknown',
      'The node cannot say what it has: EACCES',
    ],
  ])('%s', (_what, given, sync, summary) => expect(nodeIn(given)).toMatchObject({ sync, summary }));

  it('counts what differs, what is being done and what failed', () => {
    const given = picture(
      [environment('a'), environment('b'), environment('c')],
      [node('n1', ['c 1'])],
      [work('n1 a failed 1'), work('n1 b new 1'), work('n1 c success 1')],
    );
    expect(nodeIn(given)).toMatchObject({ differing: 2, working: 1, failed: 1 });
    expect(itemsIn(given)?.map(({ environment: name, work: its }) => [name, its?.state])).toEqual([
      ['a', 'failed'],
      ['b', 'new'],
      ['c', 'success'],
    ]);
  });

  it('shows what waits for it, what is tried again, and nothing of what was passed over', () => {
    const away = picture([environment('ml')], [node('n1', null, { connected: false })], [work('n1 ml new 1')]);
    expect(itemsIn(away)?.[0]?.work).toMatchObject({ state: 'new', message: 'Waits for n1 to connect.' });
    const failed = picture(
      [environment('ml')],
      [node('n1')],
      [work('n1 ml failed 1', { retryAt: '2026-01-02T00:00:00.000Z', message: 'no disk' })],
    );
    expect(itemsIn(failed)?.[0]?.work).toMatchObject({ retryAt: '2026-01-02T00:00:00.000Z', message: 'no disk' });
    const settled = picture(
      [environment('ml')],
      [node('n1', ['ml 1'])],
      [work('n1 ml success 1', { retryAt: '2026-01-02T00:00:00.000Z' })],
    );
    expect(itemsIn(settled)?.[0]?.work?.retryAt).toBeNull();
    expect(itemsIn(picture([environment('ml')], [node('n1')], [work('n1 ml passed-over 1')]))?.[0]?.work).toBeNull();
  });

  it('shows a removal until it is over', () => {
    const given = picture([environment('ml', { removed: true })], [node('n1')], [work('n1 ml success -')]);
    expect(itemsIn(given)).toMatchObject([
      { environment: 'ml', wantedVersion: null, observedVersion: null, work: { action: 'remove', state: 'success' } },
    ]);
  });
});

describe('an environment', () => {
  it('is counted over its nodes', () => {
    const nodes = [
      node('n1', ['ml 1']),
      node('n2'),
      node('n3', [], { environments: 'off' }),
      node('n4', null),
      node('n5', [], { groups: ['x'] }),
    ];
    const given = picture([environment('ml', { selector: 'all,-x' })], nodes, [work('n1 ml success 1'), work('n2 ml failed 1')]);
    expect(showEnvironments(given).environments.get('ml')).toEqual({
      selectorProblem: null,
      counts: { nodes: 4, sync: { inSync: 1, outOfSync: 1, off: 1, unknown: 1 }, work: { new: 0, ongoing: 0, success: 1, failed: 1 } },
    });
  });

  it('whose selector cannot be read says why, and calls nothing a difference', () => {
    const given = picture([environment('ml', { selector: 'gone' })], [node('n1', ['ml 1'])]);
    const { environments, nodes } = showEnvironments(given);
    expect(environments.get('ml')?.selectorProblem).toMatch(/gone/u);
    expect(nodes[0]?.items).toMatchObject([{ sync: 'unknown', difference: null }]);
    expect(nodes[0]?.node.sync).toBe('in-sync');
  });
});
