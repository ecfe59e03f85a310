import { z } from 'zod';
import { Event, EventList } from '../../node/event.ts';
import { repeated, type Route } from '../route.ts';

export const EventQuery = z.strictObject({
  /** Only events of this node (id or name). */
  node: z.string().optional(),
  /** Only events of at least this severity. */
  severity: Event.shape.severity.optional(),
  /** Only events of this kind; repeatable: of any of these. */
  kind: repeated.pipe(z.array(Event.shape.kind)),
  /** Only events from this moment on. */
  since: z.iso.datetime({ offset: true }).optional(),
  /** Only events before this moment. */
  until: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** Only events older than this id, for paging back. */
  before: z.coerce.number().int().positive().optional(),
});
export type EventQuery = z.input<typeof EventQuery>;

/** What happened. */
export const eventRoutes = {
  listEvents: {
    method: 'GET',
    path: '/events',
    access: 'viewer',
    query: EventQuery,
    response: EventList,
    status: 200,
    summary: 'Events, newest first; as text/event-stream the events from now on (or after Last-Event-ID)',
  },
} as const satisfies Record<string, Route>;
