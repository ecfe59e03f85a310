import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environment, node, picture, work } from '../../test/environment-picture.ts';
import { decideEnvironments, type EnvironmentSettings } from './decide-environments.ts';
import type { EnvironmentPicture, PicturedWork } from './picture.ts';
import { afterTask, type WorkChange } from './work-change.ts';

const settings: EnvironmentSettings = { nodesAtOnce: 10, autoSync: false };

/** The changes in short: `node environment action version state`. */
const changesOf = (given: EnvironmentPicture, change: Partial<EnvironmentSettings> = {}): string[] =>
  decideEnvironments(given, { ...settings, ...change }).changes.map(inShort);

const inShort = ({ nodeId, environmentId, to }: WorkChange): string =>
  `${nodeId} ${environmentId} ${to === 'forget' ? to : `${to.action} ${to.version ?? '-'} ${to.state}`}`;

const startsOf = (given: EnvironmentPicture, change: Partial<EnvironmentSettings> = {}): string[] =>
  decideEnvironments(given, { ...settings, ...change }).starts.map(({ nodeId, environmentId }) => `${nodeId} ${environmentId}`);

describe('what is offered to a node', () => {
  const off = { environments: 'off' } as const;
  it.each<[string, EnvironmentPicture, string[]]>([
    [
      'a new environment, to every node',
      picture([environment('ml')], [node('n1'), node('n2')]),
      ['n1 ml create 1 new', 'n2 ml create 1 new'],
    ],
    [
      'all environments, to a new node',
      picture([environment('ml'), environment('web', { version: 3 })], [node('n1')]),
      ['n1 ml create 1 new', 'n1 web create 3 new'],
    ],
    [
      'it, to a node that has not enrolled or is away: it waits',
      picture([environment('ml')], [node('n1', null, { registered: false, connected: false })]),
      ['n1 ml create 1 new'],
    ],
    [
      'a new version, as an update',
      picture([environment('ml', { version: 2 })], [node('n1', ['ml 1'])], [work('n1 ml success 1')]),
      ['n1 ml update 2 new'],
    ],
    [
      'a new version, whatever became of the old one',
      picture([environment('ml', { version: 2 })], [node('n1')], [work('n1 ml failed 1')]),
      ['n1 ml update 2 new'],
    ],
    ['nothing while work is under way', picture([environment('ml', { version: 2 })], [node('n1')], [work('n1 ml ongoing 1')]), []],
    ['nothing that was offered before', picture([environment('ml')], [node('n1', ['ml 1'])], [work('n1 ml success 1')]), []],
    [
      'nothing again by itself when somebody took it away',
      picture([environment('ml')], [node('n1')], [work('n1 ml success 1', { retryDue: true })]),
      [],
    ],
    [
      'only to the nodes of its selector',
      picture([environment('ml', { selector: 'gpu' })], [node('n1'), node('n2', [], { groups: ['gpu'] })]),
      ['n2 ml create 1 new'],
    ],
    [
      'by label',
      picture([environment('ml', { selector: 'label.zone=a' })], [node('n1', [], { labels: { zone: 'a' } }), node('n2')]),
      ['n1 ml create 1 new'],
    ],
    [
      'nothing where the selector names a group that is gone',
      picture([environment('ml', { selector: 'gone' })], [node('n1', ['ml 1'])], [work('n1 ml success 1')]),
      [],
    ],
    [
      'nothing, and that is noted, where environments are off',
      picture([environment('ml')], [node('n1', [], off)]),
      ['n1 ml create 1 passed-over'],
    ],
    [
      'nothing more where it was passed over and they are on again',
      picture([environment('ml')], [node('n1')], [work('n1 ml passed-over 1')]),
      [],
    ],
    [
      'a later version, once they are on again',
      picture([environment('ml', { version: 2 })], [node('n1')], [work('n1 ml passed-over 1')]),
      ['n1 ml update 2 new'],
    ],
    [
      'nothing of what waited, when they are turned off',
      picture([environment('ml')], [node('n1', [], off)], [work('n1 ml new 1')]),
      ['n1 ml create 1 passed-over'].map((one) => one.replace('create', 'update')),
    ],
    [
      'what failed, again when its time has come',
      picture([environment('ml')], [node('n1')], [work('n1 ml failed 1', { retryDue: true, attempts: 2 })]),
      ['n1 ml update 1 new'],
    ],
    [
      'what failed not before',
      picture([environment('ml')], [node('n1')], [work('n1 ml failed 1', { retryAt: '2026-01-01T00:05:00.000Z' })]),
      [],
    ],
    ['what failed for good not by itself', picture([environment('ml')], [node('n1')], [work('n1 ml failed 1')]), []],
  ])('%s', (_what, given, expected) => expect(changesOf(given)).toEqual(expected));

  it('is tried again with its count of tries', () => {
    const given = picture([environment('ml')], [node('n1')], [work('n1 ml failed 1', { retryDue: true, attempts: 2 })]);
    expect(decideEnvironments(given, settings).changes[0]).toMatchObject({ to: { attempts: 2 } });
  });
});

describe('what is to go from a node', () => {
  const removed = { removed: true } as const;
  it.each<[string, EnvironmentPicture, string[]]>([
    [
      'an environment that was removed',
      picture([environment('ml', removed)], [node('n1', ['ml 1'])], [work('n1 ml success 1')]),
      ['n1 ml remove - new'],
    ],
    [
      'one of which no work is known, as after a restore',
      picture([environment('ml', removed)], [node('n1', ['ml 1'])]),
      ['n1 ml remove - new'],
    ],
    [
      'one whose node is no longer selected',
      picture(
        [environment('ml', { selector: 'n2' })],
        [node('n1', ['ml 1']), node('n2', ['ml 1'])],
        [work('n1 ml success 1'), work('n2 ml success 1')],
      ),
      ['n1 ml remove - new'],
    ],
    [
      'what an absent node may have',
      picture([environment('ml', removed)], [node('n1', null, { connected: false })], [work('n1 ml success 1')]),
      ['n1 ml remove - new'],
    ],
    [
      'half of a build that failed',
      picture([environment('ml', removed)], [node('n1')], [work('n1 ml failed 1', { reportedSince: false })]),
      ['n1 ml remove - new'],
    ],
    ['nothing that was never begun', picture([environment('ml', removed)], [node('n1')], [work('n1 ml new 1')]), ['n1 ml forget']],
    [
      'nothing that is gone by the word of the node',
      picture([environment('ml', removed)], [node('n1')], [work('n1 ml success -')]),
      ['n1 ml forget'],
    ],
    [
      'nothing before the node has said so',
      picture([environment('ml', removed)], [node('n1')], [work('n1 ml success -', { reportedSince: false })]),
      [],
    ],
    [
      'nothing where environments are off, and that is noted',
      picture([environment('ml', removed)], [node('n1', ['ml 1'], { environments: 'off' })], [work('n1 ml success 1')]),
      ['n1 ml remove - passed-over'],
    ],
    ['nothing that is not there and never was', picture([environment('ml', removed)], [node('n1')]), []],
    ['nothing that this server does not know', picture([], [node('n1', ['other 1'])]), []],
    [
      'again what was in use, when its time has come',
      picture([environment('ml', removed)], [node('n1', ['ml 1'])], [work('n1 ml failed -', { retryDue: true })]),
      ['n1 ml remove - new'],
    ],
    [
      'nothing of a name that was created again',
      picture([environment('ml', { version: 2 })], [node('n1', ['ml 1'])], [work('n1 ml success -')]),
      ['n1 ml update 2 new'],
    ],
  ])('%s', (_what, given, expected) => expect(changesOf(given)).toEqual(expected));
});

describe('autoSync', () => {
  const auto = { autoSync: true };
  it('brings level what was passed over', () => {
    expect(changesOf(picture([environment('ml')], [node('n1')], [work('n1 ml passed-over 1')]), auto)).toEqual(['n1 ml update 1 new']);
    expect(changesOf(picture([environment('ml')], [node('n1', ['ml 1'])], [work('n1 ml passed-over 1')]), auto)).toEqual([]);
  });

  it('brings back what somebody took away, once the report is of after the work and that has settled', () => {
    const given = (change: Partial<PicturedWork>) => picture([environment('ml')], [node('n1')], [work('n1 ml success 1', change)]);
    expect(changesOf(given({ retryDue: true }), auto)).toEqual(['n1 ml update 1 new']);
    expect(changesOf(given({ retryDue: false }), auto)).toEqual([]);
    expect(changesOf(given({ retryDue: true, reportedSince: false }), auto)).toEqual([]);
  });

  it('leaves alone what failed for good, nodes where environments are off, and nodes that are not heard', () => {
    expect(changesOf(picture([environment('ml')], [node('n1')], [work('n1 ml failed 1')]), auto)).toEqual([]);
    expect(changesOf(picture([environment('ml')], [node('n1', [], { environments: 'off' })], [work('n1 ml passed-over 1')]), auto)).toEqual(
      [],
    );
    expect(
      changesOf(picture([environment('ml')], [node('n1', [], { connected: false })], [work('n1 ml success 1', { retryDue: true })]), auto),
    ).toEqual([]);
  });
});

describe('what begins', () => {
  const two = [environment('ml'), environment('web')];
  it('is one thing on each node, the oldest first', () => {
    const waiting = [
      work('n1 web new 1', { changedAt: '2026-01-01T00:00:00.000Z' }),
      work('n1 ml new 1', { changedAt: '2026-01-01T00:00:01.000Z' }),
      work('n2 ml new 1'),
    ];
    expect(startsOf(picture(two, [node('n1'), node('n2')], waiting)).toSorted()).toEqual(['n1 web', 'n2 ml']);
  });

  it('is not more than may be at once; a node that went away keeps no place', () => {
    const nodes = [1, 2, 3, 4].map((number) => node(`n${number}`));
    const works = [work('n1 ml ongoing 1'), ...[2, 3, 4].map((number) => work(`n${number} ml new 1`))];
    expect(startsOf(picture(two, nodes, works), { nodesAtOnce: 2 })).toHaveLength(1);
    const away = nodes.map((one) => (one.id === 'n1' ? { ...one, connected: false } : one));
    expect(startsOf(picture(two, away, works), { nodesAtOnce: 2 })).toHaveLength(2);
    expect(startsOf(picture(two, nodes, works), { nodesAtOnce: 1 })).toEqual([]);
  });

  it.each([
    ['away', { connected: false }],
    ['not enrolled', { registered: false }],
    ['without environments', { environments: 'off' as const }],
  ])('is nothing on a node that is %s', (_what, change) => {
    expect(startsOf(picture(two, [node('n1', [], change)], [work('n1 ml new 1'), work('n1 web success 1')]))).toEqual([]);
  });

  it('is nothing on a node that is at it, and nothing that is just being changed', () => {
    expect(startsOf(picture(two, [node('n1')], [work('n1 ml ongoing 1'), work('n1 web new 1')]))).toEqual([]);
    expect(startsOf(picture([environment('ml', { version: 2 })], [node('n1')], [work('n1 ml new 1')]))).toEqual([]);
  });

  it('is not held up by what failed: a poison definition is on its own', () => {
    expect(startsOf(picture(two, [node('n1')], [work('n1 ml failed 1'), work('n1 web new 1')]))).toEqual(['n1 web']);
  });
});

describe('a task that ended', () => {
  const ongoing = work('n1 ml ongoing 1', { attempts: 3 });
  const ended = (state: Parameters<typeof afterTask>[1]['state'], exitStatus: number | null = null, given = ongoing) => {
    const { to } = afterTask(given, { state, exitStatus, message: 'said' });
    return to === 'forget' ? to : [to.state, to.retryInSeconds, to.attempts];
  };

  it('is a success, or is tried again later each time where that may help', () => {
    expect(ended('succeeded')).toEqual(['success', 60, 0]);
    expect(ended('failed', 75)).toEqual(['failed', 240, 3]);
    expect(ended('expired')).toEqual(['failed', 240, 3]);
    expect(ended('unknown')).toEqual(['failed', 240, 3]);
    expect(ended('failed', 75, { ...ongoing, attempts: 9 })).toEqual(['failed', 1800, 9]);
  });

  it('waits for a person where the definition is at fault, somebody cancelled it, or it was tried often enough', () => {
    expect(ended('failed', 1)).toEqual(['failed', null, 3]);
    expect(ended('failed', null)).toEqual(['failed', null, 3]);
    expect(ended('cancelled')).toEqual(['failed', null, 3]);
    expect(ended('failed', 75, { ...ongoing, attempts: 10 })).toEqual(['failed', null, 10]);
  });

  it('is a removal that is tried until it takes place', () => {
    expect(ended('failed', 75, work('n1 ml ongoing -', { attempts: 500 }))).toEqual(['failed', 1800, 500]);
  });
});

describe('the laws of it', () => {
  const names = ['a', 'b'];
  const environments = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.constantFrom(null, 'n1', 'all', 'gone'))
    .map(([version, isRemoved, selector]) => ({ version, removed: isRemoved, selector }));
  const nodes = fc.record({
    environments: fc.constantFrom('on' as const, 'off' as const),
    registered: fc.boolean(),
    connected: fc.boolean(),
  });
  const pictures: fc.Arbitrary<EnvironmentPicture> = fc
    .tuple(
      fc.array(environments, { minLength: 2, maxLength: 2 }),
      fc.array(fc.tuple(nodes, fc.option(fc.subarray(['a 1', 'a 2', 'b 1', 'c 9']))), { minLength: 2, maxLength: 2 }),
      fc.array(
        fc.tuple(
          fc.constantFrom('n1', 'n2'),
          fc.constantFrom(...names),
          fc.constantFrom('new', 'ongoing', 'success', 'failed', 'passed-over'),
          fc.constantFrom('1', '2', '-'),
          fc.boolean(),
          fc.boolean(),
        ),
        { maxLength: 4 },
      ),
    )
    .map(([given, hosts, works]) => {
      const placed = new Map(
        works.map(([host, name, state, version, retryDue, reportedSince]) => [
          `${host} ${name}`,
          work(`${host} ${name} ${state} ${version}`, { retryDue, reportedSince }),
        ]),
      );
      return picture(
        given.map((change, index) => environment(names[index] ?? '', change)),
        hosts.map(([change, has], index) => node(`n${index + 1}`, has, change)),
        [...placed.values()],
      );
    });

  it('nothing is scheduled or begun where environments are off', () => {
    fc.assert(
      fc.property(pictures, fc.boolean(), (given, autoSync) => {
        const { changes, starts } = decideEnvironments(given, { ...settings, autoSync });
        const off = new Set(given.nodes.filter((one) => one.environments === 'off').map(({ id }) => id));
        expect(changes.filter(({ nodeId, to }) => off.has(nodeId) && to !== 'forget' && to.state !== 'passed-over')).toEqual([]);
        expect(starts.filter(({ nodeId }) => off.has(nodeId))).toEqual([]);
      }),
    );
  });

  it('comes to rest: what was decided is not decided again', () => {
    fc.assert(
      fc.property(pictures, (given) => {
        const { changes } = decideEnvironments(given, settings);
        const changed = new Set(changes.map(({ nodeId, environmentId }) => `${nodeId} ${environmentId}`));
        const kept = given.work.filter(({ nodeId, environmentId }) => !changed.has(`${nodeId} ${environmentId}`));
        const written = changes.flatMap(({ nodeId, environmentId, to }) =>
          to === 'forget' ? [] : [work(`${nodeId} ${environmentId} ${to.state} ${to.version ?? '-'}`, { reportedSince: false })],
        );
        expect(decideEnvironments({ ...given, work: [...kept, ...written] }, settings).changes).toEqual([]);
      }),
    );
  });

  it('what is under way is left alone, and nobody does two things at once', () => {
    fc.assert(
      fc.property(pictures, fc.integer({ min: 1, max: 3 }), (given, nodesAtOnce) => {
        const { changes, starts } = decideEnvironments(given, { ...settings, nodesAtOnce });
        expect(changes.filter(({ from }) => from?.state === 'ongoing')).toEqual([]);
        const busy = new Set(given.work.filter(({ state }) => state === 'ongoing').map(({ nodeId }) => nodeId));
        expect(starts.filter(({ nodeId }) => busy.has(nodeId))).toEqual([]);
        expect(new Set(starts.map(({ nodeId }) => nodeId)).size).toBe(starts.length);
        expect(starts.length).toBeLessThanOrEqual(nodesAtOnce);
      }),
    );
  });
});
