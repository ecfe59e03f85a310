import type { EndedTask, FleetSnapshot } from '@muster/store';
import type { OwnMetrics } from './own-metrics.ts';

/** Shows a snapshot of the fleet; undefined where the database does not answer: then nothing is shown that may be wrong by now. */
export function showFleet(metrics: OwnMetrics, snapshot: FleetSnapshot | undefined): void {
  metrics.database.set(snapshot === undefined ? 0 : 1);
  for (const name of ['nodes', 'heartbeatAge', 'nodeHeartbeatAge', 'nodeCertificate', 'tasksOpen', 'notifications', 'failing'] as const)
    metrics[name].reset();
  // A gauge without labels is 0 after a reset, which would say something else.
  for (const name of ['connected', 'certificate'] as const) metrics[name].set(Number.NaN);
  if (snapshot !== undefined) showSnapshot(metrics, snapshot);
}

function showSnapshot(metrics: OwnMetrics, { nodes, connected, heartbeatAgeSeconds, soonestExpirySeconds, ...rest }: FleetSnapshot): void {
  for (const { count, maintenance, ...states } of nodes) metrics.nodes.set({ ...states, maintenance: String(maintenance) }, count);
  metrics.connected.set(connected);
  const { p50, p95, max } = heartbeatAgeSeconds;
  for (const [quantile, seconds] of Object.entries({ 0.5: p50, 0.95: p95, 1: max })) {
    if (seconds !== null) metrics.heartbeatAge.set({ quantile }, seconds);
  }
  if (soonestExpirySeconds !== null) metrics.certificate.set(soonestExpirySeconds);
  for (const { name: node, heartbeatAgeSeconds: age, certificateExpirySeconds: expiry } of rest.single ?? []) {
    if (age !== null) metrics.nodeHeartbeatAge.set({ node }, age);
    if (expiry !== null) metrics.nodeCertificate.set({ node }, expiry);
  }
  for (const { kind, state, count } of rest.openTasks) metrics.tasksOpen.set({ kind, state }, count);
  for (const { kind, waiting, failing } of rest.notifications) {
    metrics.notifications.set({ target_kind: kind }, waiting);
    metrics.failing.set({ target_kind: kind }, failing);
  }
}

/** Measures each task once, whatever number of times it is shown. */
export class EndedTasks {
  readonly #metrics: OwnMetrics;
  #known: ReadonlySet<string> | undefined;

  constructor(metrics: OwnMetrics) {
    this.#metrics = metrics;
  }

  /**
   * Takes the tasks that ended lately; of those of the first call nothing is counted, because they ended before this server watched. A
   * task belongs to the moment at which it is written and not at which it is seen: so the time that is looked at is longer than
   * the time between two looks, and what was seen is left out.
   */
  take(tasks: readonly EndedTask[]): void {
    for (const { id, kind, state, seconds } of tasks) {
      if (this.#known?.has(id) === false && seconds !== null) this.#metrics.taskSeconds.observe({ kind, state }, seconds);
    }
    this.#known = new Set(tasks.map(({ id }) => id));
  }
}
