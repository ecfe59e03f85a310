import { foldNames } from '@muster/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { liveKey } from '../../api/queries.ts';
import { useToast } from '../../toasts/toasts.tsx';
import { countOf } from '../../ui/count-of.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { NamedNodes } from '../../ui/named-nodes.tsx';
import type { ActionDialogProps } from './action-dialog.ts';
import { PlainActionDialog } from './plain-action-dialog.tsx';

/** Asks before operations on environments are scheduled for nodes again. */
export function EnvironmentsOnDialog(props: ActionDialogProps) {
  return (
    <PlainActionDialog {...props} title="Environments on" done="Environments are on for" asked={{ action: 'change', environments: 'on' }}>
      <p>What they missed meanwhile is shown as out of sync. Sync brings them level.</p>
    </PlainActionDialog>
  );
}

/** Asks before no operation on environments is scheduled for nodes any more. */
export function EnvironmentsOffDialog(props: ActionDialogProps) {
  return (
    <PlainActionDialog
      {...props}
      title="Environments off"
      done="Environments are off for"
      asked={{ action: 'change', environments: 'off' }}
    >
      <p>No operation on environments is scheduled for them. What they have stays there.</p>
    </PlainActionDialog>
  );
}

/** Asks before nodes are brought level, and says how much there was to do. */
export function SyncDialog({ nodes, onClose }: ActionDialogProps) {
  const client = useQueryClient();
  const toast = useToast();
  const names = nodes.map(({ name }) => name);
  const sync = useMutation({
    mutationFn: () => api.syncEnvironments({ body: { range: foldNames(names) } }),
    onSuccess: ({ scheduled }) => {
      const touched = new Set(scheduled.map(({ nodeId }) => nodeId)).size;
      toast({ title: touched === 0 ? 'Nothing to sync: they are level' : `Syncing environments on ${countOf(touched)}` });
      void client.invalidateQueries({ queryKey: [liveKey] });
      onClose();
    },
  });
  return (
    <FormDialog
      title="Sync environments"
      submitText="Sync environments"
      isPending={sync.isPending}
      error={sync.error}
      errorTitle="Not synced"
      onSubmit={() => sync.mutate()}
      onClose={onClose}
    >
      <NamedNodes names={names} />
      <p>Each gets the environments it should have, in the version it should have; what it should not have is removed.</p>
    </FormDialog>
  );
}
