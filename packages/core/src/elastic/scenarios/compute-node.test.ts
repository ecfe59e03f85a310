import { describe, expect, it } from 'vitest';
import {
  busy,
  hour,
  idle,
  ids,
  instanceOf,
  inWindow,
  jobs,
  justMade,
  type Known,
  known,
  minute,
  noon,
  recordOf,
  world,
  type WorldChange,
} from '../../../test/elastic-world.ts';
import { pairNodes } from '../pairing/pair-nodes.ts';
import { decidePlan } from '../plan/decide-plan.ts';
import { stopWindow } from '../windows/stop-window.ts';

/* The scenarios of test_computenode and of test_computenode_dispatch, its Slurm variant included, that are decisions. */

const plan = (change: WorldChange) => decidePlan(world(change));
const left = (...nodes: Known[]): string | undefined => plan({ nodes }).left[0]?.because;
const going = (...nodes: Known[]): string[] => {
  const { stop, drain, cancelCreate } = plan({ nodes });
  return [...stop, ...drain, ...cancelCreate].map(({ because }) => because);
};
const ancient = { lastPingAtMs: noon - 3 * hour, changedAtMs: noon - minute };
const stale = { changedAtMs: noon - 3 * hour };

describe('test_computenode: ShutdownTimer', () => {
  const start = noon;
  const at = (windows: number[], seconds: number) => {
    const { open, nextOpeningMs } = stopWindow(windows, start, start + seconds * 1000);
    return [open, nextOpeningMs === null ? null : (nextOpeningMs - start) / 1000];
  };

  it('two_length_window', () => {
    expect(at([8, 2], 1)).toEqual([false, 480]);
    expect(at([8, 2], 481)).toEqual([true, 1080]);
    expect(at([8, 2], 601)).toEqual([false, 1080]);
  });

  it('three_length_window', () => {
    expect(at([6, 3, 1], 1)).toEqual([false, 360]);
    expect(at([6, 3, 1], 361)).toEqual([true, 960]);
    expect(at([6, 3, 1], 541)).toEqual([false, 960]);
    expect(at([6, 3, 1], 601)).toEqual([false, 960]);
    expect(at([6, 3, 1], 961)).toEqual([true, 1560]);
  });
});

describe('test_computenode_dispatch: Monitor', () => {
  it('in_state_when_unpaired', () => {
    expect(left(known('a', { ...inWindow, createdAtMs: noon - minute }, null))).toBe('booting');
  });

  it('in_state_when_pairing_stale', () => {
    expect(left(known('a', { createdAtMs: noon - 25 * hour - 40 * minute }, { ...ancient, state: 'down' }))).toBe('window-closed');
  });

  it('in_state_when_no_state_available', () => {
    const { served } = plan({ nodes: [known('a', justMade, { state: null })], jobs: jobs(1) });
    expect(ids(served)).toEqual(['a']);
  });

  it('in_state_when_no_state_available_old', () => {
    expect(plan({ nodes: [known('a', { createdAtMs: noon - 40 * minute }, { state: null })], jobs: jobs(1) }).served).toEqual([]);
  });

  it('in_idle_state', () => {
    const { kept } = plan({ nodes: [idle('a')], kept: null });
    expect(kept.idle.get('a')).toEqual({ looks: 1, seenAtMs: noon });
    const again = plan({ nodes: [idle('a')], kept: { ...kept, idle: new Map([['a', { looks: 1, seenAtMs: noon - minute }]]) } });
    expect(again.kept.idle.get('a')?.looks).toBe(2);
    // The same observation seen twice is one look.
    expect(plan({ nodes: [idle('a')], kept }).kept.idle.get('a')?.looks).toBe(1);
  });

  it('in_busy_state', () => {
    expect(plan({ nodes: [busy('a')] }).kept.idle.size).toBe(0);
  });

  it('init_shutdown_scheduling', () => {
    expect(left(known('a', justMade, null))).toBe('booting');
  });

  it('shutdown_window_close_scheduling', () => {
    const [line] = plan({ nodes: [idle('a')] }).left;
    expect(line).toMatchObject({ because: 'window-closed', message: 'It is paid for; its window opens in 25 min.' });
  });

  it('shutdown_subscription', () => {
    expect(going(idle('a', inWindow))).toEqual(['not-needed']);
  });

  it('no_shutdown_booting', () => {
    const config = { windowsMinutes: [] };
    expect(plan({ nodes: [known('a', justMade, null)], config })).toMatchObject({ stop: [], left: [{ because: 'booting' }] });
  });

  it('shutdown_when_invalid_cloud_node_size', () => {
    expect(going(known('a', { typeName: 'gone' }, null))).toEqual(['invalid-type']);
    expect(plan({ nodes: [idle('a', { typeName: 'gone' })] }).drain).toMatchObject([{ because: 'invalid-type' }]);
    expect(plan({ nodes: [idle('a', { typeName: 'gone' }, { drain: 'planner' })] }).stop).toMatchObject([{ because: 'invalid-type' }]);
    expect(left(known('a', { typeName: 'gone' }, { state: 'busy', drain: 'planner' }))).toBe('draining');
  });

  it('shutdown_without_arvados_node', () => {
    expect(going(known('a', { createdAtMs: noon - 10 * hour - 57 * minute }, null))).toEqual(['boot-failed']);
  });

  it('shutdown_missing', () => {
    expect(going(idle('a', inWindow, ancient))).toEqual(['node-down']);
  });

  it('shutdown_running_broken', () => {
    expect(going(known('a', { ...inWindow, broken: true }, { state: 'down' }))).toEqual(['node-down']);
  });

  it('shutdown_missing_broken', () => {
    expect(going(known('a', { ...inWindow, broken: true }, { ...ancient, state: 'down' }))).toEqual(['node-down']);
  });

  it('no_shutdown_when_window_closed', () => {
    expect([going(idle('a')), left(idle('a'))]).toEqual([[], 'window-closed']);
  });

  it('no_shutdown_when_node_running_job', () => {
    expect([going(busy('a', inWindow)), left(busy('a', inWindow))]).toEqual([[], 'busy']);
  });

  it('shutdown_when_node_state_unknown', () => {
    const config = { windowsMinutes: [] };
    expect(plan({ nodes: [known('a', justMade, { state: null })], config }).drain).toMatchObject([{ because: 'not-needed' }]);
  });

  it('shutdown_when_node_state_fail', () => {
    expect(going(known('a', {}, { state: 'failed' }))).toEqual(['node-failed']);
  });

  it('no_shutdown_when_node_state_stale', () => {
    expect([going(idle('a', inWindow, stale)), left(idle('a', inWindow, stale))]).toEqual([[], 'stale-record']);
  });

  it('arvados_node_match', () => {
    const { instance, record } = idle('a');
    expect(pairNodes([instance], [record!])).toEqual([{ instance, record }]);
  });

  it('arvados_node_mismatch', () => {
    const record = recordOf(instanceOf('b'));
    expect(pairNodes([instanceOf('a')], [record])).toEqual([
      { instance: instanceOf('a'), record: null },
      { instance: null, record },
    ]);
  });

  it('arvados_node_mismatch_first_ping_too_early', () => {
    const instance = instanceOf('a');
    const record = recordOf(instance, { firstPingAtMs: instance.createdAtMs - 1 });
    expect(pairNodes([instance], [record])[0]).toEqual({ instance, record: null });
  });

  it('update_arvados_node', () => {
    const { instance, record } = idle('a');
    const later = { ...record!, state: 'busy' as const };
    expect(plan({ instances: [instance], records: [record!, later] }).left[0]?.because).toBe('busy');
  });
});

describe('test_computenode_dispatch: Shutdown', () => {
  it('cancellable_shutdown', () => {
    const { undrain, stop } = plan({ nodes: [known('a', inWindow, { state: 'busy', drain: 'planner' })] });
    expect([undrain.map(({ because }) => because), stop]).toEqual([['busy'], []]);
  });

  it('uncancellable_shutdown', () => {
    // A stop that is under way at the provider is not taken back, whatever the record says.
    expect(left(known('a', { state: 'stopping' }, { state: 'busy' }))).toBe('stopping');
  });

  it('shutdown_cancelled_when_destroy_node_fails', () => {
    // The provider still lists it as running: it is an idle node as before, and tried again in its window.
    expect(going(idle('a', inWindow, { drain: 'planner' }))).toEqual(['not-needed']);
  });
});

describe('test_computenode_dispatch_slurm', () => {
  it('wait_while_alloc and wait_while_drng', () => {
    const drift = { config: { pools: [{ ...poolWith('r2') }] } };
    const working = known('a', inWindow, { state: 'busy', drain: 'planner' });
    expect(plan({ nodes: [working], ...drift }).left[0]?.because).toBe('draining');
  });

  it('wait_until_drain, wait_until_down and wait_until_fail', () => {
    expect(ids(plan({ nodes: [idle('a', inWindow, { drain: 'planner' })] }).stop)).toEqual(['a']);
    expect(ids(plan({ nodes: [known('a', inWindow, { state: 'down', drain: 'planner' })] }).stop)).toEqual(['a']);
    expect(ids(plan({ nodes: [known('a', inWindow, { state: 'failed', drain: 'planner' })] }).stop)).toEqual(['a']);
  });

  it('slurm_bypassed_when_no_arvados_node', () => {
    const { stop, drain } = plan({ nodes: [known('a', { createdAtMs: noon - hour }, null)] });
    expect([ids(stop), drain]).toEqual([['a'], []]);
  });

  it('node_resumed_when_shutdown_cancelled', () => {
    const { undrain } = plan({ nodes: [idle('a', inWindow, { drain: 'planner' })], jobs: jobs(1) });
    expect(undrain).toMatchObject([{ instanceId: 'a', node: 'n-a', because: 'needed-again' }]);
  });

  it('node_resumed_by_someone_while_draining', () => {
    // Somebody has taken the drain away: it is a node like any other again.
    expect(plan({ nodes: [idle('a', inWindow)], jobs: jobs(1) })).toMatchObject({ stop: [], undrain: [], left: [{ because: 'needed' }] });
  });
});

function poolWith(revision: string) {
  return { name: 'main', minNodes: 0, maxNodes: null, maxPricePerHourMicros: null, ready: [], revision, disruptedAtOnce: 1 };
}
