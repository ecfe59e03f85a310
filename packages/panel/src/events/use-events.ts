import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { eventPageSize, withNewest, withOlder, type EventHistory } from './merge-events.ts';

/** Events of a node, or of everything; newest first, growing as they happen, with older ones on demand. */
export function useEvents(node?: string) {
  const client = useQueryClient();
  const ofNode = node === undefined ? {} : { node };
  const options = queryOptions({
    queryKey: [liveKey, 'events', node ?? null],
    queryFn: async ({ signal }): Promise<EventHistory> => {
      const { items } = await api.listEvents({ query: { ...ofNode, limit: eventPageSize } }, signal);
      return withNewest(client.getQueryData(options.queryKey), items);
    },
    refetchInterval: 5_000,
  });
  const history = useQuery(options);
  const loadOlder = useMutation({
    mutationFn: async (before: number) => (await api.listEvents({ query: { ...ofNode, limit: eventPageSize, before } })).items,
    onSuccess: (older) => client.setQueryData(options.queryKey, (known) => (known === undefined ? known : withOlder(known, older))),
  });
  return { history, loadOlder };
}
