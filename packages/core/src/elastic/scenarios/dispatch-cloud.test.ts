import { describe, expect, it } from 'vitest';
import {
  bigJob,
  busy,
  coming,
  failureOf,
  GiB,
  idle,
  ids,
  inWindow,
  jobOf,
  jobs,
  justMade,
  known,
  minute,
  names,
  noon,
  typeOf,
  workOf,
  world,
  type WorldChange,
} from '../../../test/elastic-world.ts';
import { decidePlan } from '../plan/decide-plan.ts';

/* The scenarios of the Arvados Node Manager's successor that are decisions about machines: run_queue, pool and node_size. */

const plan = (change: WorldChange) => decidePlan(world(change));
const placed = ({ served }: ReturnType<typeof plan>) => Object.fromEntries(served.map(({ instanceId, jobIds }) => [instanceId, jobIds]));
const cores = (count: number, price = count) =>
  typeOf(`c${count}`, { cores: count, memoryBytes: count * 4 * GiB, pricePerHourMicros: price * 1_000_000 });

describe('run_queue_test', () => {
  it('UseIdleWorkers', () => {
    const queue = [1, 2, 3, 4].map((priority) => jobOf(`p${priority}`, { priority }));
    const result = plan({ nodes: [idle('a')], jobs: queue });
    expect(placed(result)).toEqual({ a: ['p4'] });
    expect(result.create.length).toBe(3);
  });

  it('PackContainers_NewInstance', () => {
    const { create } = plan({ types: [cores(2)], jobs: jobs(4) });
    expect(create.map(({ jobIds }) => jobIds.length)).toEqual([2, 2]);
  });

  it('PackContainers_IdleInstance', () => {
    const result = plan({ types: [cores(3)], nodes: [idle('a', { typeName: 'c3' })], jobs: jobs(4) });
    expect([placed(result).a?.length, result.create.length]).toEqual([3, 1]);
  });

  it('PackContainers_IdleInstance_TooBig', () => {
    const types = [cores(1), cores(4)];
    const change = { types, nodes: [idle('a', { typeName: 'c4' })], jobs: jobs(1) };
    expect(names(plan({ ...change, config: { maximumPriceFactor: 1.5 } }).create)).toEqual(['c1']);
    expect(plan({ ...change }).create).toEqual([]);
  });

  it('PackContainers_SpareResources', () => {
    const working = known('a', { typeName: 'c4' }, { state: 'busy', running: [workOf('x', { cores: 2 })] });
    const result = plan({ types: [cores(4)], nodes: [working], jobs: jobs(3) });
    expect([placed(result), result.create.length]).toEqual([{ a: ['j0000', 'j0001'] }, 1]);
  });

  it('PackContainers_IdleBehaviorHold', () => {
    const result = plan({ nodes: [idle('a', { behaviour: 'hold' })], jobs: jobs(1) });
    expect([result.create.length, result.left[0]?.because]).toEqual([1, 'held']);
  });

  it('PackContainers_DisabledInConfig', () => {
    expect(plan({ types: [cores(4)], jobs: jobs(3), config: { jobsPerNode: 1 } }).create.length).toBe(3);
  });

  it('PackContainers_LimitedInConfig', () => {
    expect(plan({ types: [cores(4)], jobs: jobs(4), config: { jobsPerNode: 2 } }).create.length).toBe(2);
    const working = known('a', { typeName: 'c4' }, { state: 'busy', running: [workOf('x')] });
    expect(placed(plan({ types: [cores(4)], nodes: [working], jobs: jobs(4), config: { jobsPerNode: 2 } })).a).toEqual(['j0000']);
  });

  it('PackContainers_InstanceStateUnknown', () => {
    const result = plan({ nodes: [known('a', justMade, null)], jobs: jobs(1) });
    expect([result.create, placed(result)]).toEqual([[], { a: ['j0000'] }]);
  });

  it('PackContainers_Resources', () => {
    const sizes = [1, 1, 2, 3, 4, 9, 10, 16].map((count, at) => jobOf(`j${at}`, { cores: count, priority: 8 - at }));
    const { create } = plan({ types: [1, 2, 4, 8, 16].map((count) => cores(count)), jobs: sizes, config: { maxNodes: 99 } });
    expect(create.flatMap(({ jobIds }) => jobIds).toSorted()).toEqual(sizes.map(({ id }) => id).toSorted());
  });

  it('PackContainers_0VCPUs', () => {
    const { create } = plan({ types: [cores(1)], jobs: jobs(4, { cores: 0 }) });
    expect(create.map(({ jobIds }) => jobIds.length)).toEqual([3, 1]);
  });

  it('ShutdownAtQuota', () => {
    const nodes = [idle('a'), idle('b')];
    const failures = [failureOf('quota', { instancesThen: 2 })];
    // Paid for a while yet, and in the way of a job that does not fit them.
    const { drain, create, waiting } = plan({ nodes, jobs: [bigJob('z')], failures });
    expect([drain.map(({ because }) => because), create, waiting[0]?.because]).toEqual([['frees-place'], [], 'quota']);
    const next = plan({ nodes: [idle('a', {}, { drain: 'planner' }), nodes[1]!], jobs: [bigJob('z')], failures });
    expect([ids(next.stop), next.drain]).toEqual([['a'], []]);
    const gone = plan({ nodes: [idle('a', { state: 'stopping' }), nodes[1]!], jobs: [bigJob('z')], failures });
    expect([gone.stop, gone.drain]).toEqual([[], []]);
    expect(plan({ nodes, jobs: [bigJob('z')], failures, config: { freeAtLimit: false } }).drain).toEqual([]);
  });

  it('InstanceCapacity', () => {
    const failures = [failureOf('capacity', { typeName: 'big' })];
    const { create, waiting } = plan({ jobs: [bigJob('first', { priority: 9 }), jobOf('second')], failures });
    expect([names(create), waiting[0]?.because, waiting[0]?.jobIds]).toEqual([['small'], 'capacity', ['first']]);
  });

  it('EqualPriorityContainers', () => {
    const queue = jobs(8);
    const first = plan({ jobs: queue, config: { maxNodes: 3 } });
    for (let round = 0; round < 30; round += 1) {
      const turned = [...queue.slice(round % 8), ...queue.slice(0, round % 8)];
      expect(plan({ jobs: turned, config: { maxNodes: 3 } })).toEqual(first);
    }
  });

  it('StartWhileCreating', () => {
    const result = plan({ nodes: [known('a', coming, null), known('b', coming, null), idle('c')], jobs: jobs(5) });
    expect([Object.keys(placed(result)).toSorted(), result.create.length]).toEqual([['a', 'b', 'c'], 2]);
  });
});

describe('pool_test', () => {
  it('ResumeAfterRestart', () => {
    const nodes = [idle('a', inWindow), idle('held', { ...inWindow, behaviour: 'hold' }), idle('gone', { ...inWindow, typeName: 'gone' })];
    const { drain, create, left } = plan({ nodes, jobs: jobs(1), kept: null });
    expect([drain.map((line) => `${line.instanceId} ${line.because}`), create]).toEqual([['gone invalid-type'], []]);
    expect(left.map((line) => `${line.instanceId} ${line.because}`)).toEqual(['held held', 'a needed']);
  });

  it('Drain', () => {
    const drained = plan({ nodes: [idle('a', { behaviour: 'drain' })], jobs: jobs(1) });
    expect([drained.drain.map(({ because }) => because), drained.create.length]).toEqual([['asked-for'], 1]);
    expect(ids(plan({ nodes: [idle('a', { behaviour: 'drain' }, { drain: 'planner' })] }).stop)).toEqual(['a']);
    expect(plan({ nodes: [busy('a', { behaviour: 'drain' })] }).drain.length).toBe(1);
    const working = known('a', { behaviour: 'drain' }, { state: 'busy', drain: 'planner' });
    expect(plan({ nodes: [working] }).left[0]?.because).toBe('draining');
  });

  it('CreateUnallocShutdown', () => {
    const held = known('a', { ...coming, behaviour: 'hold' }, null);
    expect(plan({ nodes: [held] })).toMatchObject({ cancelCreate: [], left: [{ because: 'held' }] });
    expect(ids(plan({ nodes: [known('a', coming, null), known('b', coming, null)] }).cancelCreate)).toEqual(['a', 'b']);
    // Asked to drain while it comes: it goes at once.
    expect(ids(plan({ nodes: [known('a', { ...justMade, behaviour: 'drain' }, null)], jobs: jobs(1) }).stop)).toEqual(['a']);
  });

  it('InstanceQuotaGroup', () => {
    const types = [
      typeOf('f1', { family: 'f', pricePerHourMicros: 1 }),
      typeOf('f2', { family: 'f', pricePerHourMicros: 2 }),
      typeOf('f1spot', { family: 'f', pricePerHourMicros: 3, spot: true }),
      typeOf('g1', { family: 'g', pricePerHourMicros: 4 }),
    ];
    const of = (scope: 'type' | 'family' | 'pool' | 'provider') =>
      names(plan({ types, jobs: jobs(1), failures: [failureOf('capacity', { typeName: 'f1', scope })] }).create);
    expect([of('type'), of('family'), of('pool'), of('provider')]).toEqual([['f2'], ['f1spot'], ['f1spot'], ['f1spot']]);
    const all = [
      failureOf('capacity', { typeName: 'f1', scope: 'provider' }),
      failureOf('capacity', { typeName: 'f1spot', scope: 'provider' }),
    ];
    expect(plan({ types, jobs: jobs(1), failures: all }).waiting[0]?.because).toBe('capacity');
  });
});

describe('node_size_test', () => {
  it('NotConfigured', () => {
    expect(plan({ types: [], jobs: jobs(1) }).unsatisfiable[0]?.because).toBe('no-type-fits');
  });

  it('Unsatisfiable', () => {
    for (const change of [{ cores: 5 }, { memoryBytes: 17 * GiB }, { scratchBytes: 101 * GiB }, { gpus: 1 }])
      expect(plan({ jobs: [jobOf('a', change)] }).unsatisfiable.length).toBe(1);
  });

  it('Choose', () => {
    const choose = (...types: Parameters<typeof typeOf>[]) =>
      names(plan({ types: types.map((one) => typeOf(...one)), jobs: [jobOf('a', { cores: 2 })] }).create);
    expect(choose(['dear', { cores: 4, pricePerHourMicros: 4 }], ['best', { cores: 2, pricePerHourMicros: 2 }])).toEqual(['best']);
    expect(choose(['weak', { cores: 1, pricePerHourMicros: 1 }], ['best', { cores: 2, pricePerHourMicros: 3 }])).toEqual(['best']);
    expect(choose(['less', { cores: 2, memoryBytes: 4 * GiB }], ['more', { cores: 2, memoryBytes: 8 * GiB }])).toEqual(['more']);
  });

  it('MaximumPriceFactor', () => {
    const types = [1, 1.4, 1.5, 1.6].map((price) => typeOf(`p${price}`, { pricePerHourMicros: price * 1_000_000 }));
    const failures = ['p1', 'p1.4'].map((typeName) => failureOf('capacity', { typeName }));
    const config = { maximumPriceFactor: 1.5 };
    expect(names(plan({ types, jobs: jobs(1), failures, config }).create)).toEqual(['p1.5']);
    const more = [...failures, failureOf('capacity', { typeName: 'p1.5' })];
    expect(plan({ types, jobs: jobs(1), failures: more, config }).create).toEqual([]);
    expect(names(plan({ types, jobs: jobs(1), failures: more }).create)).toEqual(['p1.6']);
  });

  it('Preemptible', () => {
    const types = [typeOf('stays'), typeOf('spot', { spot: true, pricePerHourMicros: 300_000 })];
    expect(names(plan({ types, jobs: jobs(1) }).create)).toEqual(['spot']);
    expect(names(plan({ types, jobs: jobs(1, { spotAllowed: false }) }).create)).toEqual(['stays']);
    // Where no spot machine can be had, one that stays is better than none.
    expect(names(plan({ types, jobs: jobs(1), failures: [failureOf('capacity', { typeName: 'spot' })] }).create)).toEqual(['stays']);
  });

  it('GPU', () => {
    const types = [typeOf('plain'), typeOf('gpu', { gpus: 4, cores: 8, memoryBytes: 64 * GiB, pricePerHourMicros: 9_000_000 })];
    const { create } = plan({ types, jobs: jobs(3, { gpus: 2 }) });
    expect(create.map(({ typeName, jobIds }) => [typeName, jobIds.length])).toEqual([
      ['gpu', 2],
      ['gpu', 1],
    ]);
  });
});

describe('back-off for lack of capacity', () => {
  it('doubles with each in a row up to the most, and starts anew after a pause', () => {
    const at = (...minutesAgo: number[]) => minutesAgo.map((ago) => failureOf('capacity', { atMs: noon - ago * minute }));
    const waits = (...minutesAgo: number[]) =>
      plan({ jobs: jobs(1, { types: ['small'] }), failures: at(...minutesAgo) }).create.length === 0;
    expect([waits(0.9), waits(1)]).toEqual([true, false]);
    expect([waits(2.9, 1.9), waits(3.1, 2.1)]).toEqual([true, false]);
    expect(waits(30, 1.5)).toBe(false);
    // Two, four, eight ... minutes, and never more than thirty.
    const many = Array.from({ length: 40 }, (_, index) => failureOf('capacity', { atMs: noon - 31 * minute - index * minute }));
    expect(plan({ jobs: jobs(1, { types: ['small'] }), failures: many }).create.length).toBe(1);
  });

  it('of what a provider says itself keeps from one second to three minutes', () => {
    const asked = (retryAfterMs: number | null, ago: number) =>
      plan({ jobs: jobs(1), failures: [failureOf('rate-limit', { retryAfterMs, atMs: noon - ago })] }).create.length;
    expect([asked(0, 900), asked(0, 1100)]).toEqual([0, 1]);
    expect([asked(1, 900), asked(1, 1100)]).toEqual([0, 1]);
    expect([asked(999_999, 179_000), asked(999_999, 181_000)]).toEqual([0, 1]);
  });
});
