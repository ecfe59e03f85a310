import type { Node, OperationCreate } from '@muster/api';
import { foldNames } from '@muster/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { liveKey } from '../../api/queries.ts';
import { paths } from '../../paths.ts';
import { useToast } from '../../toasts/toasts.tsx';

/** How fast an operation goes through its nodes; empty for all at once, and for going on whatever fails. */
export type Pace = { readonly batch: string; readonly maxFail: string };
export const noPace: Pace = { batch: '', maxFail: '' };

const numberOf = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text));

/** What the pace adds to the request. */
function paceOf({ batch, maxFail }: Pace): Partial<OperationCreate> {
  const atATime = numberOf(batch);
  const failures = numberOf(maxFail);
  return { ...(atATime === undefined ? {} : { batch: atATime }), ...(failures === undefined ? {} : { maxFail: failures }) };
}

/** Asks something of nodes together, and tells where to watch it. */
export function useStartOperation(nodes: readonly Node[], onDone: () => void) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: ({ spec, pace }: { spec: OperationCreate['spec']; pace: Pace }) =>
      api.startOperation({ body: { spec, range: foldNames(nodes.map(({ name }) => name)), ...paceOf(pace) } }),
    onSuccess: (operation) => {
      toast({
        title: `Started on ${operation.total === 1 ? '1 node' : `${operation.total} nodes`}: ${operation.title}`,
        link: { to: paths.operation(operation.id), text: 'Watch it' },
      });
      void client.invalidateQueries({ queryKey: [liveKey] });
      onDone();
    },
  });
}
