import type { Operation } from '@muster/api';
import { Button } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';

/** Takes an operation back that still runs, after asking. */
export function CancelOperation({ operation }: { operation: Operation }) {
  const client = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => api.cancelOperation({ params: { id: operation.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [liveKey] });
      setIsAsking(false);
    },
  });
  if (operation.state !== 'running' || operation.cancelledAt !== null) return null;
  return (
    <>
      <Button variant="secondary" size="sm" onClick={() => setIsAsking(true)}>
        Cancel operation
      </Button>
      {isAsking && (
        <FormDialog
          title="Cancel operation"
          submitText="Cancel operation"
          isDanger
          width="small"
          isPending={cancel.isPending}
          error={cancel.error}
          errorTitle="Not cancelled"
          onSubmit={() => cancel.mutate()}
          onClose={() => setIsAsking(false)}
        >
          <p>What has not begun is not done any more; what runs is asked to end. What is done stays done.</p>
        </FormDialog>
      )}
    </>
  );
}
