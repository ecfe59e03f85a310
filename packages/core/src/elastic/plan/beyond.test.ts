import { describe, expect, it } from 'vitest';
import {
  busy,
  failureOf,
  hour,
  idle,
  ids,
  instanceOf,
  inWindow,
  jobs,
  justMade,
  known,
  minute,
  names,
  noon,
  typeOf,
  world,
  type WorldChange,
} from '../../../test/elastic-world.ts';
import { poolDefaults } from '../picture/elastic-defaults.ts';
import type { PoolConfig, Schedule } from '../picture/elastic-picture.ts';
import { decidePlan } from './decide-plan.ts';

const plan = (change: WorldChange) => decidePlan(world(change));
const pool = (change: Partial<PoolConfig>) => ({ pools: [{ ...poolDefaults('main'), ...change }] });
const day: Schedule = { days: [1, 2, 3, 4, 5], fromMinute: 8 * 60, toMinute: 18 * 60, utcOffsetMinutes: 0 };

describe('machines kept ready', () => {
  it('are so many without work beyond what waits', () => {
    const config = pool({ ready: [{ kind: 'spare', nodes: 2, schedule: null }] });
    expect(plan({ jobs: jobs(1), config }).create.map(({ because }) => because)).toEqual(['jobs', 'spare', 'spare']);
    const { create, drain, left } = plan({ nodes: [idle('a', inWindow), idle('b', inWindow), idle('c', inWindow)], config });
    expect([create, drain.length, left.map(({ because }) => because)]).toEqual([[], 1, ['kept-ready', 'kept-ready']]);
  });

  it('are so many in all, at the times they are for', () => {
    const config = pool({ ready: [{ kind: 'total', nodes: 2, schedule: day }] });
    expect(plan({ nodes: [busy('a')], config }).create.map(({ because }) => because)).toEqual(['minimum']);
    const night = noon + 8 * hour;
    const nodes = [known('a', {}, { lastPingAtMs: night, changedAtMs: night, state: 'busy' })];
    expect(plan({ nowMs: night, nodes, config }).create).toEqual([]);
  });

  it('follow days and nights of their place, over midnight too', () => {
    const at = (schedule: Partial<Schedule>, nowMs: number): boolean => {
      const config = pool({ ready: [{ kind: 'spare', nodes: 1, schedule: { ...day, ...schedule } }] });
      return plan({ nowMs, config }).create.length === 1;
    };
    expect([at({}, noon - 4 * hour), at({}, noon - 4 * hour - 1), at({}, noon + 6 * hour)]).toEqual([true, false, false]);
    // Saturday noon.
    expect([at({}, noon + 72 * hour), at({ days: [6] }, noon + 72 * hour), at({ days: [] }, noon + 72 * hour)]).toEqual([
      false,
      true,
      true,
    ]);
    // East of Greenwich it is evening already.
    expect(at({ utcOffsetMinutes: 8 * 60 }, noon)).toBe(false);
    // Tuesday's night is over on Wednesday morning.
    const tuesdayNight = { days: [2], fromMinute: 22 * 60, toMinute: 6 * 60 };
    expect([at(tuesdayNight, noon - 7 * hour), at(tuesdayNight, noon - 6 * hour), at(tuesdayNight, noon + 11 * hour)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('take no place that a job waits for, and give up theirs', () => {
    const types = [typeOf('small'), typeOf('rare', { features: ['x'] })];
    const config = { ...pool({ ready: [{ kind: 'spare', nodes: 1, schedule: null }] }), maxNodes: 2 };
    const nodes = [busy('a'), idle('b')];
    const { drain, create } = plan({ types, nodes, jobs: jobs(1, { features: ['x'] }), config });
    expect([drain.map(({ instanceId, because }) => [instanceId, because]), create]).toEqual([[['b', 'frees-place']], []]);
  });

  it('keep to the limits of their pool', () => {
    const config = pool({ minNodes: 5, maxNodes: 3, maxPricePerHourMicros: 2_500_000 });
    expect(names(plan({ config }).create)).toEqual(['small', 'small']);
  });
});

describe('another revision', () => {
  const config = pool({ revision: 'r2' });

  it('rolls through in windows, no more at once than the budget allows', () => {
    const nodes = [idle('a', inWindow), idle('b', inWindow), busy('c', inWindow), idle('d')];
    expect(plan({ nodes, jobs: jobs(3), config }).drain).toMatchObject([{ instanceId: 'a', because: 'other-revision' }]);
    const rolling = [idle('a', inWindow, { drain: 'planner' }), idle('b', inWindow), busy('c', inWindow)];
    const next = plan({ nodes: rolling, jobs: jobs(3), config });
    expect([ids(next.stop), next.drain]).toEqual([['a'], []]);
    const two = plan({ nodes, jobs: jobs(3), config: pool({ revision: 'r2', disruptedAtOnce: 2 }) });
    expect(ids(two.drain)).toEqual(['a', 'b']);
    expect(plan({ nodes, jobs: jobs(3), config: pool({ revision: 'r2', disruptedAtOnce: 0 }) }).drain).toEqual([]);
  });

  it('makes a new machine for what the old one would have served', () => {
    expect(names(plan({ nodes: [idle('a', inWindow)], jobs: jobs(1), config }).create)).toEqual(['small']);
  });

  it('waits for work to end, and for nobody who is protected', () => {
    const working = known('a', inWindow, { state: 'busy', drain: 'planner' });
    expect(plan({ nodes: [working], config }).left[0]?.because).toBe('draining');
    expect(plan({ nodes: [busy('a', { ...inWindow, behaviour: 'protect' })], config }).drain).toEqual([]);
  });

  it('goes first of those that are not needed', () => {
    const nodes = [idle('a', { ...inWindow, revision: 'r2' }), idle('b', inWindow)];
    expect(ids(plan({ nodes, config: { ...config, minNodes: 1 } }).drain)).toEqual(['b']);
  });
});

describe('a bad image', () => {
  const config = { ...pool({ revision: 'r2' }), badImageFailures: 3 };
  const failures = [1, 2, 3].map((at) => failureOf('boot', { revision: 'r2', instanceId: `x${at}`, atMs: noon - at * minute }));

  it('ends the spending after so many boots that failed, and says so', () => {
    const { create, waiting, alerts } = plan({ jobs: jobs(2), failures, config });
    expect([create, waiting[0]?.because, alerts[0]?.code]).toEqual([[], 'bad-image', 'bad-image']);
    expect(plan({ jobs: jobs(2), failures: failures.slice(1), config }).create.length).toBe(2);
  });

  it('is over once a boot succeeds, or another revision is wanted', () => {
    const good = known('g', { revision: 'r2', createdAtMs: noon - 2 * minute }, { state: 'busy', readyAtMs: noon - 10_000 });
    expect(plan({ nodes: [good], jobs: jobs(1), failures, config }).create.length).toBe(1);
    expect(plan({ jobs: jobs(1), failures, config: { ...config, ...pool({ revision: 'r3' }) } }).create.length).toBe(1);
  });

  it('is seen in the machines themselves, when nobody has kept their failures', () => {
    const old = { createdAtMs: noon - hour, revision: 'r2' };
    const nodes = ['a', 'b', 'c'].map((id) => known(id, old, null));
    const { create, stop } = plan({ nodes, jobs: jobs(1), config });
    expect([create, ids(stop)]).toEqual([[], ['a', 'b', 'c']]);
  });

  it('counts a boot once that is told of twice', () => {
    const old = known('x1', { createdAtMs: noon - hour, revision: 'r2' }, null);
    expect(plan({ nodes: [old], jobs: jobs(1), failures: failures.slice(0, 2), config }).create.length).toBe(1);
  });

  it('stops no machine that works for the sake of a revision that does not boot', () => {
    expect(plan({ nodes: [idle('a', inWindow)], jobs: jobs(1), failures, config }).drain).toEqual([]);
  });
});

describe('nothing at all is done', () => {
  it('on old news, whichever it is, nor on news of a time to come', () => {
    const fresh = { instancesMs: noon, recordsMs: noon, jobsMs: noon };
    for (const key of ['instancesMs', 'recordsMs', 'jobsMs'] as const)
      for (const atMs of [noon - 11 * minute, noon + 11 * minute, Number.NaN]) {
        const result = plan({ nodes: [idle('a', inWindow)], jobs: jobs(2), observedAt: { ...fresh, [key]: atMs } });
        expect([result.halted?.because, result.create, result.drain]).toEqual(['stale-observation', [], []]);
        expect([result.left[0]?.because, result.waiting[0]?.jobIds.length, result.alerts[0]?.code]).toEqual([
          'halted',
          2,
          'stale-observation',
        ]);
      }
    const almost = { ...fresh, jobsMs: noon - 10 * minute };
    expect(plan({ jobs: jobs(1), observedAt: almost }).create.length).toBe(1);
  });

  it('while most nodes that worked look ill at once', () => {
    const ill = ['a', 'b', 'c', 'd'].map((id) => known(id, inWindow, { state: 'down' }));
    const well = ['e', 'f', 'g', 'h'].map((id) => busy(id));
    const result = plan({ nodes: [...ill, ...well], jobs: jobs(5) });
    expect([result.halted?.because, result.stop, result.create, result.alerts[0]?.code]).toEqual(['brake', [], [], 'brake']);
    expect(result.halted?.message).toMatch(/^4 of 8 nodes look ill at once\./u);
    // Three may be chance; and machines that never came up are no sign of it.
    expect(plan({ nodes: [...ill.slice(1), ...well], jobs: [] }).stop.length).toBe(3);
    const never = ['a', 'b', 'c', 'd'].map((id) => known(id, { createdAtMs: noon - hour }, { state: 'down', readyAtMs: null }));
    expect(plan({ nodes: [...never, ...well] }).stop.length).toBe(4);
  });
});

describe('cloud and cluster that disagree', () => {
  const { record } = busy('a');

  it('up in the cluster and gone from the cloud: left alone, and told once it has lasted', () => {
    const first = plan({ records: [record!] });
    expect([first.alerts, first.stop, first.kept.withoutInstanceSinceMs]).toEqual([[], [], new Map([['n-a', noon]])]);
    const kept = { idle: new Map<string, never>(), withoutInstanceSinceMs: new Map([['n-a', noon - 61 * minute]]) };
    const { alerts, kept: next } = plan({ records: [record!], kept });
    expect(alerts).toMatchObject([{ code: 'node-without-instance', about: 'n-a' }]);
    expect(next.withoutInstanceSinceMs).toEqual(kept.withoutInstanceSinceMs);
    // Powered off, says the provider, and it works all the same.
    const off = { ...instanceOf('a'), state: 'off' as const };
    expect(plan({ instances: [off], records: [record!], kept }).alerts.length).toBe(1);
  });

  it('is over when the node is silent, or its machine is there again', () => {
    expect(plan({ nodes: [busy('a')] }).kept.withoutInstanceSinceMs.size).toBe(0);
    expect(plan({ records: [{ ...record!, lastPingAtMs: noon - 3 * hour }] }).kept.withoutInstanceSinceMs.size).toBe(0);
    expect(plan({ records: [{ ...record!, state: 'down', running: [] }] }).kept.withoutInstanceSinceMs.size).toBe(0);
  });

  it('the paid period counts from the creation that the provider tells, not from the first ping', () => {
    const late = { firstPingAtMs: noon - 20 * minute, readyAtMs: noon - 19 * minute };
    expect(ids(plan({ nodes: [idle('a', inWindow, late)] }).drain)).toEqual(['a']);
  });

  it('up in the cloud and down in the cluster: stopped at its window, and no work is expected of it', () => {
    const down = (instance: object) => known('a', instance, { state: 'down' });
    const closed = plan({ nodes: [down({})], jobs: jobs(1) });
    expect([closed.stop, closed.left[0]?.because, closed.create.length]).toEqual([[], 'window-closed', 1]);
    expect(plan({ nodes: [down(inWindow)] }).stop).toMatchObject([{ because: 'node-down' }]);
  });
});

describe('owned machines', () => {
  const rack = typeOf('rack', { owned: true, provider: 'ipmi', pricePerHourMicros: 100_000 });
  const off = (id: string, change = {}) => known(id, { typeName: 'rack', state: 'off', ...change }, null);

  it('are powered on before any is rented, where their power costs less', () => {
    const types = [rack, typeOf('small')];
    const { powerOn, create, left } = plan({ types, nodes: [off('r1'), off('r2')], jobs: jobs(3) });
    expect([powerOn.map(({ instanceId, jobIds }) => [instanceId, jobIds]), names(create), left]).toEqual([
      [
        ['r1', ['j0000']],
        ['r2', ['j0001']],
      ],
      ['small'],
      [],
    ]);
    expect(plan({ types, nodes: [off('r1'), off('r2')], jobs: jobs(1) }).left).toMatchObject([{ instanceId: 'r2', because: 'off' }]);
  });

  it('are drained and powered off, never destroyed', () => {
    const types = [{ ...rack, windowsMinutes: [] }];
    expect(ids(plan({ types, nodes: [idle('r1', { typeName: 'rack' })] }).drain)).toEqual(['r1']);
    const { stop, powerOff } = plan({ types, nodes: [idle('r1', { typeName: 'rack' }, { drain: 'planner' })] });
    expect([stop, ids(powerOff)]).toEqual([[], ['r1']]);
  });

  it('that are broken, held or to be drained are not powered on', () => {
    const nodes = [off('r1', { broken: true }), off('r2', { behaviour: 'hold' }), off('r3', { behaviour: 'drain' })];
    const { powerOn, waiting, figures } = plan({ types: [rack], nodes, jobs: jobs(1) });
    expect([powerOn, waiting[0]?.because, figures.total]).toEqual([[], 'no-owned-machine', 0]);
  });
});

describe('people and providers', () => {
  it('a protected node works, and is never stopped', () => {
    const nodes = [idle('a', { ...inWindow, behaviour: 'protect' })];
    expect(plan({ nodes })).toMatchObject({ drain: [], left: [{ because: 'protected' }] });
    expect(ids(plan({ nodes, jobs: jobs(1) }).served)).toEqual(['a']);
    expect(plan({ nodes: [known('a', { behaviour: 'protect' }, { state: 'failed' })] }).left[0]?.because).toBe('protected');
  });

  it('a node that a person drained is left to that person', () => {
    const { left, undrain, create } = plan({ nodes: [idle('a', inWindow, { drain: 'person' })], jobs: jobs(1) });
    expect([left[0]?.because, undrain, create.length]).toEqual(['drained-by-person', [], 1]);
  });

  it('a stop that takes too long is asked for again, and told', () => {
    const going = (ago: number) => known('a', { state: 'stopping', stopAskedAtMs: noon - ago });
    expect(plan({ nodes: [going(9 * minute)] })).toMatchObject({ stop: [], left: [{ because: 'stopping' }], alerts: [] });
    expect(plan({ nodes: [going(11 * minute)] })).toMatchObject({
      stop: [{ because: 'stuck' }],
      alerts: [{ code: 'stop-stuck', about: 'a' }],
    });
  });

  it('a machine counts toward limits by its price, ill and going ones too', () => {
    const nodes = [known('a', {}, { state: 'down' }), idle('b', { state: 'stopping' }), busy('c')];
    const { figures, waiting } = plan({ nodes, jobs: jobs(1), config: { maxPricePerHourMicros: 3_500_000 } });
    expect(figures).toEqual({ up: 1, total: 3, pricePerHourMicros: 3_000_000, totalAfter: 3, pricePerHourMicrosAfter: 3_000_000 });
    expect(waiting[0]?.because).toBe('price-cap');
  });

  it('a working node that was not heard for long gets no more work, and is not stopped', () => {
    const quiet = known('a', { ...inWindow, typeName: 'big' }, { state: 'busy', lastPingAtMs: noon - 3 * hour });
    const { create, left } = plan({ nodes: [quiet], jobs: jobs(1) });
    expect([create.length, left[0]?.because]).toEqual([1, 'busy']);
  });

  it('several pools are limited each for itself', () => {
    const types = [typeOf('a', { pool: 'one' }), typeOf('b', { pool: 'two', pricePerHourMicros: 2_000_000 })];
    const config = {
      pools: [
        { ...poolDefaults('one'), maxNodes: 1 },
        { ...poolDefaults('two'), maxPricePerHourMicros: 5_000_000 },
      ],
    };
    const { create, waiting } = plan({ types, jobs: jobs(5), config });
    expect([names(create), waiting[0]?.because, waiting[0]?.jobIds.length]).toEqual([['a', 'b', 'b'], 'pool-max-nodes', 2]);
    expect(plan({ types, nodes: [recordless('x')], jobs: jobs(1, { pools: ['one'] }), config }).waiting[0]?.because).toBe('pool-max-nodes');
  });
});

const recordless = (id: string) => ({
  instance: { ...instanceOf(id, { ...justMade, typeName: 'a' }), state: 'stopping' as const },
  record: null,
});
