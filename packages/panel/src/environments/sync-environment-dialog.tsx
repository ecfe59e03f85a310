import type { Environment } from '@muster/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { useToast } from '../toasts/toasts.tsx';
import { countOf } from '../ui/count-of.ts';
import { FormDialog } from '../ui/form-dialog.tsx';

/** Brings all nodes of an environment level. */
export function SyncEnvironmentDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const range = environment.selector ?? 'all';
  // Nodes without environments, and such as have not enrolled, cannot be asked: the range leaves them out by itself.
  const asked = `(${range})@environments=on@registration=registered`;
  const sync = useMutation({
    mutationFn: () => api.syncEnvironments({ body: { range: asked, environments: [environment.name] } }),
    onSuccess: ({ scheduled }) => {
      toast({
        title:
          scheduled.length === 0 ? 'Nothing to sync: its nodes are level' : `Syncing ${environment.name} on ${countOf(scheduled.length)}`,
      });
      void client.invalidateQueries({ queryKey: [liveKey] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={`Sync ${environment.name}`}
      submitText="Sync"
      width="small"
      isPending={sync.isPending}
      error={sync.error}
      errorTitle="Not synced"
      onSubmit={() => sync.mutate()}
      onClose={onClose}
    >
      <p>Every node that it is meant for, whose environments are on, gets version {environment.version}.</p>
    </FormDialog>
  );
}
