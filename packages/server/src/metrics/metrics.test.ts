import type { Event } from '@muster/api';
import { StoreUnavailable, type EndedTask, type FleetSnapshot } from '@muster/store';
import { describe, expect, it, vi } from 'vitest';
import { readExposition } from '../../test/exposition.ts';
import { FakeClock } from '../../test/fake-clock.ts';
import { keptLog } from '../../test/kept-log.ts';
import { makeMetrics } from './metrics.ts';

const snapshot: FleetSnapshot = {
  nodes: [
    { health: 'good', registration: 'registered', scheduling: 'open', maintenance: false, count: 7 },
    { health: 'bad', registration: 'registered', scheduling: 'cordoned', maintenance: true, count: 2 },
  ],
  connected: 7,
  heartbeatAgeSeconds: { p50: 1.5, p95: 4, max: 300 },
  soonestExpirySeconds: 1_800_000_000,
  single: [
    { name: 'node1', heartbeatAgeSeconds: 1, certificateExpirySeconds: 1_800_000_000 },
    { name: 'quote"back\\slash\nline', heartbeatAgeSeconds: null, certificateExpirySeconds: null },
  ],
  openTasks: [{ kind: 'exec', state: 'running', count: 3 }],
  notifications: [{ kind: 'webhook', waiting: 12, failing: 1 }],
};

/** A fake table of figures that a test can change and break. */
function open() {
  const clock = new FakeClock();
  const { log, lines } = keptLog();
  const state = { snapshot, tasks: [] as EndedTask[], isBraking: false, failure: undefined as Error | undefined };
  const answer = <T>(value: T) => (state.failure === undefined ? Promise.resolve(value) : Promise.reject(state.failure));
  const figures = { snapshot: vi.fn(() => answer(state.snapshot)), endedTasks: vi.fn(() => answer(state.tasks)) };
  const metrics = makeMetrics({
    ...{ store: { figures }, clock, log, version: '1.2.3', mostNodes: 100 },
    refusals: () => new Map([['revoked', 4]]),
    liveness: () => answer({ isBraking: state.isBraking }),
  });
  const read = async () => {
    clock.pass(1000);
    const { body } = await metrics.text();
    const samples = readExposition(body).flatMap((family) => family.samples);
    return (name: string, labels: Record<string, string> = {}) =>
      samples.find((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))?.value;
  };
  return { clock, lines, state, figures, metrics, read };
}

const event = (kind: Event['kind'], data: Event['data'] = {}): Event => ({
  ...{ id: 1, at: '2026-01-01T00:00:00Z', kind, severity: 'warning', nodeId: null, nodeName: null, message: '', data },
});

describe('the metrics', () => {
  it('are of a form that Prometheus takes, in base units', async () => {
    const { metrics } = open();
    const { body, contentType } = await metrics.text();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/u);
    const families = readExposition(body);
    expect(families.filter(({ name }) => name.startsWith('muster_')).length).toBeGreaterThan(12);
    expect(families.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']),
    );
  });

  it('show the fleet', async () => {
    const value = await open().read();
    expect(value('muster_build_info', { version: '1.2.3' })).toBe(1);
    expect(value('muster_database_up')).toBe(1);
    expect(value('muster_nodes', { health: 'bad', scheduling: 'cordoned', maintenance: 'true' })).toBe(2);
    expect(value('muster_agents_connected')).toBe(7);
    expect(value('muster_heartbeat_age_seconds', { quantile: '0.95' })).toBe(4);
    expect(value('muster_certificate_soonest_expiry_timestamp_seconds')).toBe(1_800_000_000);
    expect(value('muster_node_heartbeat_age_seconds', { node: 'node1' })).toBe(1);
    expect(value('muster_tasks_open', { kind: 'exec', state: 'running' })).toBe(3);
    expect(value('muster_notifications_waiting', { target_kind: 'webhook' })).toBe(12);
    expect(value('muster_notification_targets_failing', { target_kind: 'webhook' })).toBe(1);
    expect(value('muster_agent_door_refusals_total', { reason: 'revoked' })).toBe(4);
  });

  it('forget what is not there any more', async () => {
    const { state, read } = open();
    await read();
    state.snapshot = { ...snapshot, nodes: snapshot.nodes.slice(0, 1), single: null, openTasks: [], soonestExpirySeconds: null };
    const value = await read();
    expect(value('muster_nodes', { health: 'bad' })).toBeUndefined();
    expect(value('muster_node_heartbeat_age_seconds')).toBeUndefined();
    expect(value('muster_tasks_open')).toBeUndefined();
    expect(value('muster_certificate_soonest_expiry_timestamp_seconds')).toBeNaN();
  });

  it('say that the database is away, and then nothing that may be wrong by now', async () => {
    const { state, read, lines } = open();
    await read();
    state.failure = new StoreUnavailable('away');
    const value = await read();
    expect(value('muster_database_up')).toBe(0);
    expect(value('muster_nodes')).toBeUndefined();
    expect(value('muster_agents_connected')).toBeNaN();
    expect(value('muster_liveness_brake')).toBeNaN();
    expect(value('muster_agent_door_refusals_total')).toBe(4);
    expect(lines[0]?.message).toBe('figures for the metrics could not be read');
    state.failure = undefined;
    expect((await read())('muster_database_up')).toBe(1);
  });

  it('do not wait for a database that hangs', async () => {
    vi.useFakeTimers();
    const { figures, metrics } = open();
    figures.snapshot.mockReturnValue(new Promise<FleetSnapshot>(() => undefined));
    const text = metrics.text();
    await vi.advanceTimersByTimeAsync(5001);
    vi.useRealTimers();
    expect((await text).body).toContain('muster_database_up 0');
  });

  it('ask the database at most once a second, whoever asks', async () => {
    const { clock, figures, metrics } = open();
    await Promise.all(Array.from({ length: 20 }, () => metrics.text()));
    expect(figures.snapshot).toHaveBeenCalledTimes(1);
    clock.pass(1000);
    await metrics.text();
    expect(figures.snapshot).toHaveBeenCalledTimes(2);
  });

  it('measure each task once, and none that ended before', async () => {
    const { state, read } = open();
    const task = (id: string, seconds: number | null = 2, kind = 'exec'): EndedTask => ({ id, kind, state: 'succeeded', seconds });
    state.tasks = [task('before')];
    expect((await read())('muster_task_duration_seconds_count')).toBeUndefined();
    state.tasks = [task('before'), task('a'), task('b', 40), task('never began', null)];
    await read();
    const value = await read();
    expect(value('muster_task_duration_seconds_count', { kind: 'exec', state: 'succeeded' })).toBe(2);
    expect(value('muster_task_duration_seconds_sum')).toBe(42);
    expect(value('muster_task_duration_seconds_bucket', { le: '5' })).toBe(1);
  });

  it('count events, restarts of the liveness monitor among them, and show its brake', async () => {
    const { metrics, state, read } = open();
    metrics.apply(event('node-health'));
    metrics.apply(event('agent-restarted', { by: 'liveness' }));
    metrics.apply(event('agent-restarted', { by: 'Ada' }));
    state.isBraking = true;
    const value = await read();
    expect(value('muster_events_total', { kind: 'agent-restarted', severity: 'warning' })).toBe(2);
    expect(value('muster_liveness_restarts_total')).toBe(1);
    expect(value('muster_liveness_brake')).toBe(1);
  });

  it('measure requests by route and kind of answer', async () => {
    const { metrics, read } = open();
    metrics.answered({ method: 'GET', route: '/api/v1/nodes/:node', status: 404, seconds: 0.02 });
    const value = await read();
    const labels = { method: 'GET', route: '/api/v1/nodes/:node', status: '4xx' };
    expect(value('muster_http_request_duration_seconds_count', labels)).toBe(1);
    expect(value('muster_http_request_duration_seconds_bucket', { ...labels, le: '0.005' })).toBe(0);
  });
});
