import { describe, expect, it } from 'vitest';
import { environment, node, picture, work } from '../../test/environment-picture.ts';
import type { EnvironmentPicture } from './picture.ts';
import { planSync, unknownEnvironments } from './plan-sync.ts';

const all = (given: EnvironmentPicture) => new Set(given.nodes.map(({ id }) => id));
const planned = (given: EnvironmentPicture, names?: string[]): string[] =>
  planSync(given, { nodeIds: all(given), names }).map(
    ({ node: { name }, environment: { name: what }, change: { to } }) =>
      `${name} ${what} ${to === 'forget' ? to : `${to.action} ${to.version ?? '-'} ${to.state}`}`,
  );

describe('a sync', () => {
  it.each<[string, EnvironmentPicture, string[]]>([
    [
      'what was missed while environments were off',
      picture([environment('ml')], [node('n1')], [work('n1 ml passed-over 1')]),
      ['n1 ml create 1 new'],
    ],
    ['what somebody took away', picture([environment('ml')], [node('n1')], [work('n1 ml success 1')]), ['n1 ml create 1 new']],
    [
      'an older version',
      picture([environment('ml', { version: 3 })], [node('n1', ['ml 2'])], [work('n1 ml passed-over 3')]),
      ['n1 ml update 3 new'],
    ],
    [
      'what was made of something else',
      picture([environment('ml')], [node('n1', ['ml 1 else'])], [work('n1 ml success 1')]),
      ['n1 ml update 1 new'],
    ],
    [
      'what is not in use any more',
      picture([environment('ml')], [node('n1', [`ml 1 `])], [work('n1 ml success 1')]),
      ['n1 ml create 1 new'],
    ],
    ['what failed', picture([environment('ml')], [node('n1')], [work('n1 ml failed 1')]), ['n1 ml create 1 new']],
    [
      'what should have gone',
      picture([environment('ml', { removed: true })], [node('n1', ['ml 1'])], [work('n1 ml passed-over -')]),
      ['n1 ml remove - new'],
    ],
    ['nothing on a node that is level', picture([environment('ml')], [node('n1', ['ml 1'])], [work('n1 ml success 1')]), []],
    [
      'nothing that waits or is under way',
      picture([environment('ml'), environment('web')], [node('n1')], [work('n1 ml new 1'), work('n1 web ongoing 1')]),
      [],
    ],
    ['nothing where environments are off', picture([environment('ml')], [node('n1', [], { environments: 'off' })]), []],
    [
      'whatever was not done, on a node that is away',
      picture(
        [environment('ml'), environment('web')],
        [node('n1', null, { connected: false })],
        [work('n1 ml failed 1'), work('n1 web success 1')],
      ),
      ['n1 ml create 1 new'],
    ],
    [
      'nothing of an environment whose selector cannot be read',
      picture([environment('ml', { selector: 'gone' })], [node('n1', ['ml 7'])]),
      [],
    ],
    ['nothing that this server does not know', picture([], [node('n1', ['other 1'])]), []],
  ])('schedules %s', (_what, given, expected) => expect(planned(given)).toEqual(expected));

  it('is limited to nodes and environments', () => {
    const given = picture([environment('ml'), environment('web')], [node('n1'), node('n2')]);
    expect(planned(given, ['web'])).toEqual(['n1 web create 1 new', 'n2 web create 1 new']);
    expect(planSync(given, { nodeIds: new Set(['n2']) }).map((one) => one.node.name)).toEqual(['n2', 'n2']);
  });

  it('counts tries from the beginning', () => {
    const given = picture([environment('ml')], [node('n1')], [work('n1 ml failed 1', { attempts: 10 })]);
    expect(planSync(given, { nodeIds: all(given) })[0]?.change.to).toMatchObject({ attempts: 0 });
  });

  it('finds what only nodes know, once each, in its highest version', () => {
    const given = picture([environment('ml')], [node('n1', ['ml 1', 'old 2']), node('n2', ['old 7']), node('n3', null)]);
    expect(unknownEnvironments(given, all(given))).toEqual([{ name: 'old', version: 7 }]);
    expect(unknownEnvironments(given, new Set(['n1']))).toEqual([{ name: 'old', version: 2 }]);
  });
});
