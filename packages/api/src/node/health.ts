import { z } from 'zod';

/**
 * How a node fares. `good`: agent heard in time, all watched services run. `degraded`: heard in time, something is wrong
 * on the node. `bad`: not heard in time. `unknown`: never heard, or its agent has not enrolled yet.
 */
export const HealthState = z.enum(['good', 'degraded', 'bad', 'unknown']);
export type HealthState = z.infer<typeof HealthState>;

/** Why a node has its health: a stable code for programs, a sentence for people. */
export const HealthReason = z.object({
  code: z.enum([
    'never-heard',
    'not-registered',
    'not-heard',
    'waiting-after-restart',
    'service-not-running',
    'service-stopped-on-purpose',
    'services-unavailable',
    'certificate-near-end',
    'in-maintenance',
  ]),
  message: z.string(),
  /** The systemd unit the reason is about, where there is one. */
  unit: z.string().optional(),
});
export type HealthReason = z.infer<typeof HealthReason>;

export const NodeHealth = z.object({
  state: HealthState,
  reasons: z.array(HealthReason),
  /** When the state was entered; null for a node that never had another. ISO 8601, the database's clock. */
  since: z.iso.datetime().nullable(),
});
export type NodeHealth = z.infer<typeof NodeHealth>;
