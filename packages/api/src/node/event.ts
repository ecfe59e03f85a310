import { z } from 'zod';

/** Something that happened. Append-only; ids grow. */
export const Event = z.object({
  id: z.number().int().positive(),
  at: z.iso.datetime(),
  kind: z.enum([
    'node-added',
    'node-changed',
    'node-removed',
    'node-registered',
    'node-connected',
    'node-disconnected',
    'node-health',
    'node-facts',
    'node-services',
    'certificate-issued',
    'certificate-revoked',
    'join-token-made',
    'connection-refused',
    'server-started',
    'server-stopped',
    'sign-in',
    'node-maintenance',
    'node-scheduling',
    'node-reissued',
    'node-drained',
    'operation-started',
    'operation-finished',
    'operation-cancelled',
    'task-changed',
    'service-stopped-on-purpose',
    'certificate-near-end',
    'certificate-taken',
    'authority-rotation',
    'agent-restarted',
    'agent-needs-attention',
    'agent-stopped',
    'agent-started',
    'liveness-brake',
    'host-key-changed',
    'environment-changed',
    'environment-task',
    'person-changed',
    'notification-failed',
    'run-started',
    'run-phase',
    'run-finished',
    'backup-made',
    'backup-restored',
  ]),
  severity: z.enum(['info', 'warning', 'error']),
  /** The node the event is about, by id; null where it is about none or the node is unknown. */
  nodeId: z.uuid().nullable(),
  /** The name at that time: a removed node's history keeps it. */
  nodeName: z.string().nullable(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type Event = z.infer<typeof Event>;
export type EventKind = Event['kind'];

export const EventList = z.object({ items: z.array(Event) });
export type EventList = z.infer<typeof EventList>;
