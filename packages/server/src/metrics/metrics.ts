import type { Event } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import type { Store } from '@muster/store';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { EndedTasks, showFleet } from './fleet-metrics.ts';
import { ownMetrics } from './own-metrics.ts';

/** What the liveness monitor tells of itself. */
export type LivenessFigures = {
  /** Whether it restarts nothing now, because too many nodes are unheard at once. */
  readonly isBraking: boolean;
};

export type MetricsParts = {
  readonly store: Pick<Store, 'figures'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Refusals at the agents' door by reason, since the start. */
  readonly refusals: () => ReadonlyMap<string, number>;
  readonly liveness: () => Promise<LivenessFigures>;
  /** Single nodes are shown while there are at most so many. */
  readonly mostNodes: number;
};

/** A request that was answered. */
export type AnsweredRequest = { readonly method: string; readonly route: string; readonly status: number; readonly seconds: number };

/** What this server counts and measures, for Prometheus. */
export type Metrics = {
  /** Counts an event. */
  apply(event: Event): void;
  /** Measures a request. */
  answered(request: AnsweredRequest): void;
  /** All of it now, as text (Prometheus exposition format 0.0.4). Never throws: while the database is away it says so. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
};

/** A scrape waits no longer for the database: Prometheus would give up after 10 seconds. */
const databaseLimitMs = 5000;
/** Who asks more often gets what was found last, so that nobody can keep the database busy. */
const freshMs = 1000;
/** Longer than the usual time between two scrapes, and shorter than to be a burden. */
const endedWithinSeconds = 900;

export function makeMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = ownMetrics(registry);
  metrics.build.set({ version: parts.version }, 1);
  const ended = new EndedTasks(metrics);
  const collect = async () => {
    const [snapshot, tasks, liveness] = await Promise.all([
      inTime(parts.store.figures.snapshot(parts.mostNodes), parts.log),
      inTime(parts.store.figures.endedTasks(endedWithinSeconds), parts.log),
      inTime(parts.liveness(), parts.log),
    ]);
    showFleet(metrics, snapshot);
    if (tasks !== undefined) ended.take(tasks);
    metrics.brake.set(liveness === undefined ? Number.NaN : Number(liveness.isBraking));
    metrics.refusals.reset();
    for (const [reason, count] of parts.refusals()) metrics.refusals.inc({ reason }, count);
    return { contentType: registry.contentType, body: await registry.metrics() };
  };
  let last: { readonly atMs: number; readonly text: ReturnType<typeof collect> } | undefined;
  return {
    apply: ({ kind, severity, data }) => {
      metrics.events.inc({ kind, severity });
      if (kind === 'agent-restarted' && data['by'] === 'liveness') metrics.restarts.inc();
    },
    answered: ({ method, route, status, seconds }) =>
      metrics.requestSeconds.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds),
    text: () => {
      const nowMs = parts.clock.monotonicMs();
      if (last === undefined || nowMs - last.atMs >= freshMs) last = { atMs: nowMs, text: collect() };
      return last.text;
    },
  };
}

/** What the database answers in time, or undefined. */
async function inTime<T>(work: Promise<T>, log: Log): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, databaseLimitMs, undefined);
  try {
    return await Promise.race([work, promise]);
  } catch (error) {
    log.info({ error: String(error) }, 'figures for the metrics could not be read');
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
