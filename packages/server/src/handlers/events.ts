import type { Event } from '@muster/api';
import type { Store } from '@muster/store';
import { maxReplay } from '../http/event-stream.ts';
import type { Handlers } from '../http/handlers.ts';

/** Events a returning watcher missed, oldest first, by the id he saw last. */
export type EventReplay = (lastEventId: string | string[] | undefined) => Promise<Event[]>;

export function eventHandlers(store: Store): Pick<Handlers, 'listEvents'> {
  return {
    listEvents: async ({ query }) => {
      const { node, limit, before } = query;
      const nodeId = node === undefined ? undefined : (await store.nodes.get(node)).id;
      return { items: await store.events.list({ limit, ...(nodeId === undefined ? {} : { nodeId }), ...(before === undefined ? {} : { before }) }) };
    },
  };
}

export function eventReplay(store: Store): EventReplay {
  return async (lastEventId) => {
    const after = Number(lastEventId);
    if (lastEventId === undefined || !Number.isSafeInteger(after)) return [];
    const events = await store.events.list({ after, limit: maxReplay });
    return events.toSorted((a, b) => a.id - b.id);
  };
}
