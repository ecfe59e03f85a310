import type { ApiKey } from '@muster/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { allKeysQuery, ownKeysQuery } from '../api/people-queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';

type Props = { readonly apiKey: ApiKey; readonly revoke: (id: string) => Promise<unknown>; readonly onClose: () => void };

/** Asks before a key ends. */
export function RevokeKeyDialog({ apiKey, revoke, onClose }: Props) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: () => revoke(apiKey.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ownKeysQuery.queryKey });
      void client.invalidateQueries({ queryKey: allKeysQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title={`Revoke the key ${apiKey.name}`}
      submitText="Revoke key"
      isDanger
      width="small"
      isPending={act.isPending}
      error={act.error}
      errorTitle="Not revoked"
      onSubmit={() => act.mutate()}
      onClose={onClose}
    >
      <p>Whatever uses it is refused from now on. This cannot be taken back.</p>
    </FormDialog>
  );
}
