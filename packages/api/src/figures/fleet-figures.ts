import { z } from 'zod';

/** A number for each step of a plot; null where nothing was sampled, because no server ran or the database was away. */
const series = z.array(z.number().nonnegative().nullable());

/** How long tasks of one kind took that ended in each step. */
export const TaskFigures = z.object({ kind: z.string(), ended: series, failed: series, p50Seconds: series, p95Seconds: series });
export type TaskFigures = z.infer<typeof TaskFigures>;

/** The fleet over time, in columns: every series has one value for each moment of `times`. */
export const FleetFigures = z.object({
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  /** Distance of two moments. Never finer than what is still kept of that time (see docs/metrics.md). */
  stepSeconds: z.number().int().positive(),
  /** Begin of each step, seconds since the epoch. */
  times: z.array(z.number().int()),
  /** Nodes by health; the mean of the step where it is longer than a minute. */
  nodes: z.object({ good: series, degraded: series, bad: series, unknown: series }),
  /** Seconds since the last heartbeat, over all registered nodes that were ever heard; the worst sample of the step. */
  heartbeatAgeSeconds: z.object({ p50: series, p95: series, max: series }),
  tasks: z.array(TaskFigures),
});
export type FleetFigures = z.infer<typeof FleetFigures>;
