import type { Node, NodeActionRequest } from '@muster/api';
import { foldNames } from '@muster/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { liveKey } from '../../api/queries.ts';
import { useToast } from '../../toasts/toasts.tsx';
import { countOf } from '../../ui/count-of.ts';

type WithoutRange<T> = T extends { range: string } ? Omit<T, 'range'> : never;
/** What is done with nodes, but for which. */
export type AskedAction = WithoutRange<NodeActionRequest>;

/** Does something with all the nodes or with none of them, and says so. `done` is the sentence before their number: `Cordoned`. */
export function useNodeAction(nodes: readonly Node[], done: string, onDone: () => void) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (asked: AskedAction) => api.actOnNodes({ body: { ...asked, range: foldNames(nodes.map(({ name }) => name)) } }),
    onSuccess: ({ count }) => {
      toast({ title: `${done} ${countOf(count)}` });
      void client.invalidateQueries({ queryKey: [liveKey] });
      onDone();
    },
  });
}
