import type { Event } from '@muster/api';
import type { Store } from '@muster/store';
import { replayPage } from '../http/event-stream.ts';
import type { Handlers } from '../http/handlers.ts';

/** The page of events that follows on an id, oldest first. */
export type EventPages = (after: number) => Promise<Event[]>;

export function eventHandlers(store: Store): Pick<Handlers, 'listEvents'> {
  return {
    listEvents: async ({ query }) => {
      const { node, limit, before } = query;
      const nodeId = node === undefined ? undefined : (await store.nodes.get(node)).id;
      const filter = { limit, ...(nodeId === undefined ? {} : { nodeId }), ...(before === undefined ? {} : { before }) };
      return { items: await store.events.list(filter) };
    },
  };
}

export const eventPages =
  (store: Store): EventPages =>
  (after) =>
    store.events.list({ after, limit: replayPage });
