import type { Clock, Log } from '@muster/core';
import type { Handlers } from '../http/handlers.ts';
import type { People } from '../people/people.ts';
import { eventHandlers } from './events.ts';
import { type NodeHandlerParts, nodeHandlers } from './nodes.ts';
import { sessionHandlers } from './session.ts';
import { type StatusParts, statusHandlers } from './status.ts';

/** Everything the handlers of all routes need. */
export type HandlerParts = NodeHandlerParts &
  Omit<StatusParts, 'now'> & { readonly people: People; readonly clock: Clock; readonly log: Log };

/** The handlers of all routes. */
export function handlersOf(parts: HandlerParts): Handlers {
  return {
    ...nodeHandlers(parts),
    ...eventHandlers(parts.store),
    ...sessionHandlers(parts),
    ...statusHandlers({ ...parts, now: () => new Date(parts.clock.wallMs()) }),
  };
}
