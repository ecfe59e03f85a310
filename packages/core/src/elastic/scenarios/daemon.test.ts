import { describe, expect, it } from 'vitest';
import {
  big,
  bigJob,
  busy,
  coming,
  failureOf,
  hour,
  idle,
  ids,
  instanceOf,
  inWindow,
  jobOf,
  jobs,
  justMade,
  type Known,
  known,
  minute,
  names,
  noon,
  recordOf,
  small,
  world,
  type WorldChange,
} from '../../../test/elastic-world.ts';
import { pairNodes } from '../pairing/pair-nodes.ts';
import { decidePlan } from '../plan/decide-plan.ts';

/* The scenarios of the Arvados Node Manager's test_daemon, each by its name; docs/elastic-scenarios.md lays both side by side. */

const plan = (change: WorldChange) => decidePlan(world(change));
/** Its last ping is so old that it says nothing. */
const missing = (id: string, instance = {}): Known => known(id, instance, { lastPingAtMs: noon - 3 * hour, changedAtMs: noon - minute });
const down = (id: string, instance = {}, record = {}): Known => known(id, instance, { state: 'down', ...record });
const neverReady = { readyAtMs: null };
const old = { createdAtMs: noon - 1801 * 1000 };
const because = (lines: readonly { readonly instanceId: string; readonly because: string }[]): string[] =>
  lines.map((line) => `${line.instanceId} ${line.because}`).toSorted();

describe('test_daemon: making machines', () => {
  it('easy_node_creation', () => {
    const { create, figures } = plan({ jobs: jobs(1) });
    expect(names(create)).toEqual(['small']);
    expect(figures).toMatchObject({ up: 0, total: 0, totalAfter: 1 });
  });

  it('node_count_satisfied', () => {
    expect(plan({ nodes: [idle('a')], jobs: jobs(1) }).create).toEqual([]);
  });

  it('dont_count_missing_as_busy', () => {
    expect(names(plan({ nodes: [idle('a'), missing('b')], jobs: jobs(2) }).create)).toEqual(['small']);
  });

  it('missing_counts_towards_max', () => {
    const { create, waiting } = plan({ nodes: [idle('a'), missing('b')], jobs: jobs(2), config: { maxNodes: 2 } });
    expect(create).toEqual([]);
    expect(waiting).toMatchObject([{ because: 'max-nodes', jobIds: ['j0001'] }]);
  });

  it('booting_nodes_counted', () => {
    const made = [known('a', coming, null), known('b', coming, null)];
    expect(plan({ nodes: made, jobs: jobs(2) }).create).toEqual([]);
    expect(plan({ nodes: made, jobs: jobs(2) }).cancelCreate).toEqual([]);
  });

  it('boot_new_node_when_all_nodes_busy', () => {
    expect(names(plan({ nodes: [busy('a')], jobs: jobs(1) }).create)).toEqual(['small']);
  });

  it('boot_new_node_below_min_nodes', () => {
    const { create } = plan({ jobs: [bigJob('a')], config: { minNodes: 2 } });
    expect(create.map((line) => `${line.typeName} ${line.because}`).toSorted()).toEqual(['big jobs', 'small minimum']);
  });

  it('no_new_node_when_ge_min_nodes_busy', () => {
    expect(plan({ nodes: [busy('a'), busy('b'), busy('c')], config: { minNodes: 2 } }).create).toEqual([]);
  });

  it('no_new_node_when_max_nodes_busy', () => {
    expect(plan({ nodes: [busy('a')], jobs: jobs(1), config: { maxNodes: 1 } }).create).toEqual([]);
  });

  it('new_node_when_booted_node_not_usable', () => {
    const { create, stop } = plan({ nodes: [down('a', old, neverReady)], jobs: jobs(1) });
    expect([names(create), because(stop)]).toEqual([['small'], ['a boot-failed']]);
  });

  it('booted_unlisted_node_counted', () => {
    // What was made and is not listed yet is handed in like any other: by the token it was asked for with.
    const { create, served } = plan({ nodes: [known('token-1', justMade, null)], jobs: jobs(1) });
    expect([create, ids(served)]).toEqual([[], ['token-1']]);
  });

  it('no_duplication_when_booting_node_listed_fast', () => {
    const listed = known('a', { ...justMade, cancellable: true }, null);
    expect(plan({ nodes: [listed], jobs: jobs(1) }).create).toEqual([]);
    const twice = { instances: [listed.instance, { ...listed.instance, state: 'creating' as const }] };
    expect(plan({ ...twice, jobs: jobs(1) }).figures.total).toBe(1);
  });

  it('no_duplication_when_booted_node_listed', () => {
    const { instance } = known('a', justMade, null);
    expect(plan({ instances: [instance, { ...instance }], jobs: jobs(1) }).figures).toMatchObject({ up: 1, total: 1 });
  });

  it('node_counted_after_boot_with_slow_listing', () => {
    expect(plan({ nodes: [known('a', justMade, null)], jobs: jobs(1) })).toMatchObject({ create: [], figures: { up: 1, total: 1 } });
  });

  it('node_create_two_sizes', () => {
    const { create } = plan({ jobs: [...jobs(3), bigJob('z')], config: { maxNodes: 4, jobsPerNode: 1 } });
    expect(names(create)).toEqual(['big', 'small', 'small', 'small']);
  });

  it('node_max_nodes_two_sizes', () => {
    const queue = [jobOf('1'), jobOf('2'), bigJob('3'), jobOf('4')];
    expect(names(plan({ jobs: queue, config: { maxNodes: 3, jobsPerNode: 1 } }).create)).toEqual(['big', 'small', 'small']);
  });

  it('wishlist_ordering', () => {
    const queue = [jobOf('1'), jobOf('2'), jobOf('3'), bigJob('4')];
    expect(names(plan({ jobs: queue, config: { maxNodes: 3, jobsPerNode: 1 } }).create)).toEqual(['small', 'small', 'small']);
  });

  it('wishlist_reconfigure', () => {
    const nodes = [idle('s1', inWindow), idle('s2', inWindow), idle('b1', { ...inWindow, typeName: 'big' })];
    const queue = [jobOf('1'), bigJob('2'), bigJob('3')];
    const { create, drain } = plan({ nodes, jobs: queue, config: { jobsPerNode: 1, maximumPriceFactor: 1 } });
    expect([names(create), ids(drain).length]).toEqual([['big'], 1]);
    expect(drain[0]?.instanceId).toMatch(/^s/u);
  });

  it('node_max_price', () => {
    const queue = [jobOf('1'), jobOf('2'), jobOf('3'), bigJob('4')];
    const config = { maxPricePerHourMicros: 4_000_000, jobsPerNode: 1 };
    expect(names(plan({ jobs: queue, config: { ...config, priceCapOrder: 'round-robin' } }).create)).toEqual(['big', 'small', 'small']);
    // By default who comes first in the queue comes first under the cap too.
    expect(names(plan({ jobs: queue, config }).create)).toEqual(['small', 'small', 'small']);
  });
});

describe('test_daemon: pairing', () => {
  it('node_pairing', () => {
    const { instance, record } = idle('a');
    expect(pairNodes([instance], [record!])).toEqual([{ instance, record }]);
  });

  it('node_pairing_after_arvados_update', () => {
    const { instance, record } = idle('a');
    const early = { ...record!, instanceId: null, firstPingAtMs: null };
    expect(pairNodes([instance], [early])[0]).toEqual({ instance, record: null });
    expect(pairNodes([instance], [record!])[0]).toEqual({ instance, record });
  });

  it('arvados_node_un_and_re_paired', () => {
    const { instance, record } = idle('a');
    expect(pairNodes([], [record!])).toEqual([{ instance: null, record }]);
    expect(pairNodes([instance], [record!])).toEqual([{ instance, record }]);
  });

  it('old_arvados_node_not_double_assigned', () => {
    const record = recordOf(instanceOf('gone'), { changedAtMs: noon - 3 * hour, name: 'old' });
    const { create } = plan({ records: [record], jobs: jobs(2) });
    expect(create.map((line) => line.record)).toEqual(['old', null]);
  });

  it('select_stale_node_records_with_slot_numbers_first', () => {
    const stale = { changedAtMs: noon - 3 * hour };
    const records = [
      recordOf(instanceOf('x'), { ...stale, name: 'a-without', slot: null }),
      recordOf(instanceOf('y'), { ...stale, name: 'b-with', slot: 9 }),
    ];
    expect(plan({ records, jobs: jobs(1) }).create.map((line) => line.record)).toEqual(['b-with']);
  });
});

describe('test_daemon: boots that fail', () => {
  it('booted_node_shut_down_when_never_listed', () => {
    expect(because(plan({ nodes: [known('a', { ...coming, ...old }, null)] }).cancelCreate)).toEqual(['a boot-failed']);
    expect(because(plan({ nodes: [known('a', { state: 'creating', ...old }, null)] }).stop)).toEqual(['a boot-failed']);
  });

  it('booted_node_shut_down_when_never_paired', () => {
    expect(because(plan({ nodes: [known('a', old, null)], jobs: jobs(1) }).stop)).toEqual(['a boot-failed']);
  });

  it('booted_node_shut_down_when_never_working', () => {
    expect(because(plan({ nodes: [down('a', old, neverReady)] }).stop)).toEqual(['a boot-failed']);
  });

  it('node_that_pairs_not_considered_failed_boot', () => {
    expect(plan({ nodes: [idle('a', old)], jobs: jobs(1) }).stop).toEqual([]);
  });

  it('node_that_pairs_busy_not_considered_failed_boot', () => {
    expect(plan({ nodes: [busy('a', old)], jobs: jobs(1) }).stop).toEqual([]);
  });
});

describe('test_daemon: machines that go', () => {
  it('excess_counts_missing', () => {
    const { drain, stop } = plan({ nodes: [idle('a', inWindow), missing('b', inWindow)], jobs: jobs(1) });
    expect([drain, because(stop)]).toEqual([[], ['b node-down']]);
  });

  it('missing_shutdown_not_excess', () => {
    const going = missing('b', { ...inWindow, state: 'stopping', stopAskedAtMs: noon - minute });
    const { drain, stop } = plan({ nodes: [idle('a', inWindow), going], jobs: jobs(1) });
    expect([drain, stop]).toEqual([[], []]);
  });

  it('booted_node_can_shutdown', () => {
    const { drain, figures } = plan({ nodes: [idle('a', inWindow)] });
    expect(because(drain)).toEqual(['a not-needed']);
    expect(figures.up).toBe(1);
    const gone = plan({ nodes: [idle('a', { ...inWindow, state: 'stopping' })] });
    expect(gone).toMatchObject({ drain: [], stop: [], figures: { up: 0, total: 1 } });
  });

  it('booted_node_lifecycle', () => {
    expect(names(plan({ jobs: jobs(1) }).create)).toEqual(['small']);
    expect(plan({ nodes: [known('a', coming, null)], jobs: jobs(1) }).create).toEqual([]);
    expect(ids(plan({ nodes: [idle('a', inWindow)] }).drain)).toEqual(['a']);
    expect(ids(plan({ nodes: [idle('a', inWindow, { drain: 'planner' })] }).stop)).toEqual(['a']);
    expect(names(plan({ nodes: [idle('a', { ...inWindow, state: 'stopping' })], jobs: jobs(1) }).create)).toEqual(['small']);
  });

  it('node_disappearing_during_shutdown', () => {
    const { record } = idle('a', { ...inWindow, state: 'stopping' });
    expect(plan({ records: [record!] })).toMatchObject({ stop: [], drain: [], figures: { total: 0 } });
  });

  it('booting_nodes_shut_down', () => {
    expect(because(plan({ nodes: [known('a', coming, null)] }).cancelCreate)).toEqual(['a not-needed']);
  });

  it('all_booting_nodes_tried_to_shut_down', () => {
    const nodes = [known('a', { ...coming, cancellable: false }, null), known('b', coming, null)];
    const { cancelCreate, left } = plan({ nodes });
    expect([ids(cancelCreate), because(left)]).toEqual([['b'], ['a booting']]);
  });

  it('shutdown_declined_at_wishlist_capacity', () => {
    const { drain, left } = plan({ nodes: [idle('a', inWindow)], jobs: jobs(1) });
    expect([drain, because(left)]).toEqual([[], ['a needed']]);
  });

  it('shutdown_declined_below_min_nodes', () => {
    const { drain, left } = plan({ nodes: [idle('a', inWindow)], config: { minNodes: 1 } });
    expect([drain, because(left)]).toEqual([[], ['a kept-ready']]);
  });

  it('shutdown_accepted_below_capacity', () => {
    expect(ids(plan({ nodes: [idle('a', inWindow)] }).drain)).toEqual(['a']);
  });

  it('shutdown_declined_when_idle_and_job_queued', () => {
    const { drain, create, left } = plan({ nodes: [busy('a', inWindow), idle('b', inWindow)], jobs: jobs(1) });
    expect([drain, create, because(left)]).toEqual([[], [], ['a busy', 'b needed']]);
  });

  it('node_shutdown_after_cancelled_shutdown', () => {
    const drained = (instance: object): Known => idle('a', instance, { drain: 'planner' });
    // The window closed before it was stopped: it goes back to work, and is drained again in the next one.
    expect(because(plan({ nodes: [drained({})] }).undrain)).toEqual(['a not-eligible']);
    expect(ids(plan({ nodes: [idle('a', inWindow)] }).drain)).toEqual(['a']);
    expect(ids(plan({ nodes: [drained(inWindow)] }).stop)).toEqual(['a']);
  });

  it('nodes_shutting_down_replaced_below_max_nodes', () => {
    const { create } = plan({ nodes: [idle('a', { state: 'stopping' })], jobs: jobs(1), config: { maxNodes: 2 } });
    expect(names(create)).toEqual(['small']);
  });

  it('nodes_shutting_down_cancelled', () => {
    const { undrain, create, stop } = plan({ nodes: [idle('a', inWindow, { drain: 'planner' })], jobs: jobs(1) });
    expect([because(undrain), create, stop]).toEqual([['a needed-again'], [], []]);
  });

  it('nodes_shutting_down_not_replaced_at_max_nodes', () => {
    const { create, waiting } = plan({ nodes: [idle('a', { state: 'stopping' })], jobs: jobs(1), config: { maxNodes: 1 } });
    expect([create, waiting[0]?.because]).toEqual([[], 'max-nodes']);
  });

  it('nodes_shutting_down_count_against_excess', () => {
    expect(plan({ nodes: [idle('a', inWindow), idle('b', inWindow)], jobs: jobs(1) }).drain.length).toBe(1);
    const { drain, stop } = plan({ nodes: [idle('a', inWindow, { drain: 'planner' }), idle('b', inWindow)], jobs: jobs(1) });
    expect([drain, ids(stop)]).toEqual([[], ['a']]);
  });

  it('shutdown_actor_stopped_when_cloud_node_delisted', () => {
    const { record } = idle('a', inWindow, { drain: 'planner' });
    expect(plan({ records: [record!] })).toMatchObject({ stop: [], undrain: [], left: [] });
  });

  it('idle_node_disappearing_clears_status_idle_time_counter', () => {
    expect([...plan({ nodes: [idle('a')] }).kept.idle.keys()]).toEqual(['a']);
    const kept = { idle: new Map([['a', { looks: 5, seenAtMs: noon - minute }]]), withoutInstanceSinceMs: new Map<string, number>() };
    expect([...plan({ kept }).kept.idle.keys()]).toEqual([]);
  });
});

describe('integration_test: what the planner decides of it', () => {
  it('unsatisfiable_jobs', () => {
    const { create, unsatisfiable } = plan({ jobs: [jobOf('a', { cores: 99 })] });
    expect([create, unsatisfiable[0]?.message]).toEqual([[], 'No type of machine has 99 cores.']);
  });

  it('multiple_nodes', () => {
    expect(plan({ jobs: jobs(4) }).create.length).toBe(4);
    expect(ids(plan({ nodes: ['a', 'b', 'c', 'd'].map((id) => idle(id, inWindow)) }).drain)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('hit_quota', () => {
    const failures = [failureOf('quota', { instancesThen: 2 })];
    const nodes = [idle('a', { createdAtMs: noon - 2 * minute }), idle('b', { createdAtMs: noon - 2 * minute })];
    const { create, waiting } = plan({ nodes, jobs: jobs(4), failures });
    expect([create, waiting[0]?.because, waiting[0]?.jobIds.length]).toEqual([[], 'quota', 2]);
  });

  it('probe_quota', () => {
    const refused = (ago: number) => [failureOf('quota', { instancesThen: 2, atMs: noon - ago })];
    const nodes = [busy('a'), busy('b')];
    expect(plan({ nodes, jobs: jobs(4), failures: refused(10_000) }).create.length).toBe(0);
    expect(plan({ nodes, jobs: jobs(4), failures: refused(2 * minute) }).create.length).toBe(1);
    // Each that comes allows one more.
    const third = busy('c', { createdAtMs: noon - 5000 });
    expect(plan({ nodes: [...nodes, third], jobs: jobs(4), failures: refused(10_000) }).create.length).toBe(1);
  });

  it('no_hang_failing_node_create', () => {
    const failed = (ago: number) => [failureOf('transient', { atMs: noon - ago })];
    expect(plan({ jobs: jobs(1), failures: failed(500) }).create.length).toBe(0);
    expect(plan({ jobs: jobs(1), failures: failed(1500) }).create.length).toBe(1);
  });

  it('retry_create', () => {
    const asked = (ago: number) => [failureOf('rate-limit', { atMs: noon - ago, retryAfterMs: 2000 })];
    expect(plan({ jobs: jobs(1), failures: asked(1900) }).waiting[0]?.because).toBe('rate-limit');
    expect(plan({ jobs: jobs(1), failures: asked(2100) }).create.length).toBe(1);
  });
});

describe('what broke the original', () => {
  it('a quota refusal with no machine at all does not stop everything for good (10312)', () => {
    const refused = (ago: number) => [failureOf('quota', { instancesThen: 0, atMs: noon - ago })];
    expect(plan({ jobs: jobs(3), failures: refused(30_000) }).create.length).toBe(0);
    expect(plan({ jobs: jobs(3), failures: refused(minute) }).create.length).toBe(1);
  });

  it('a maximum below what is up gives no negative wish, and takes back what is not made yet', () => {
    const nodes = [busy('a'), busy('b'), known('c', coming, null)];
    const { create, cancelCreate } = plan({ nodes, jobs: jobs(5), config: { maxNodes: 1 } });
    expect([create, ids(cancelCreate)]).toEqual([[], ['c']]);
  });

  it('a price cap that is passed already gives no negative number of machines', () => {
    const { create, waiting } = plan({
      nodes: [busy('a', { typeName: 'big' })],
      jobs: jobs(2),
      config: { maxPricePerHourMicros: 1_500_000 },
    });
    expect([create, waiting[0]?.because]).toEqual([[], 'price-cap']);
  });

  it('a job that is seen as queued and as running is wanted once: its record keeps it (9161)', () => {
    expect(plan({ nodes: [busy('a', {}, 'j1')], jobs: [] }).create).toEqual([]);
  });

  it('an old machine that never paired is not counted as usable (12452)', () => {
    expect(plan({ nodes: [known('a', old, null)], jobs: jobs(1) }).create.length).toBe(1);
  });

  it('nodes do not flap: one look is not enough, and a drained one goes back to work (13804)', () => {
    const once = { idle: new Map(), withoutInstanceSinceMs: new Map() };
    expect(plan({ nodes: [idle('a', inWindow)], kept: once }).drain).toEqual([]);
    expect(plan({ nodes: [idle('a', inWindow, { drain: 'planner' })], jobs: jobs(1) }).undrain.length).toBe(1);
  });

  it('types may be configured in any order', () => {
    const made = (types: (typeof small)[]) => names(plan({ types, jobs: [jobOf('a'), bigJob('b')], config: { jobsPerNode: 1 } }).create);
    expect([made([big, small]), made([small, big])]).toEqual([
      ['big', 'small'],
      ['big', 'small'],
    ]);
  });
});
