import { Event } from '@muster/api';
import { severityIncludes } from '@muster/core';
import type { EventFilter, Store } from '@muster/store';
import { replayPage } from '../http/event-stream.ts';
import type { Handlers } from '../http/handlers.ts';

/** The page of events that follows on an id, oldest first. */
export type EventPages = (after: number) => Promise<Event[]>;

export function eventHandlers(store: Store): Pick<Handlers, 'listEvents'> {
  return {
    listEvents: async ({ query }) => {
      const { node, severity, kind, since, until, ...page } = query;
      const nodeId = node === undefined ? undefined : await historyOf(store, node);
      const severities = severity === undefined ? [] : Event.shape.severity.options.filter((one) => severityIncludes(one, severity));
      const when = { since: since && momentOf(since), until: until && momentOf(until) };
      return { items: await store.events.list(defined({ ...page, nodeId, severities, kinds: kind, ...when })) };
    },
  };
}

/** The moment in UTC. PostgreSQL knows no year 0, and nothing happened before 1970. */
const momentOf = (text: string): string => new Date(Math.max(0, Date.parse(text))).toISOString();

/** Without the members that are undefined: a filter has them or not. */
const defined = (filter: { [K in keyof EventFilter]: EventFilter[K] | undefined }): EventFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as EventFilter;
/** The nodes that are meant, also those that were removed: what they went through stays readable. @throws NodeNotFound */
async function historyOf(store: Store, node: string): Promise<string[]> {
  const ids = await store.events.subjects(node);
  return ids.length > 0 ? ids : [(await store.nodes.get(node)).id];
}

export const eventPages =
  (store: Store): EventPages =>
  (after) =>
    store.events.list({ after, limit: replayPage });
