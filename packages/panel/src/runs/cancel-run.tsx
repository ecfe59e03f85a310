import type { ProvisionRun, Session } from '@muster/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { RefusedButton } from '../ui/refused-button.tsx';
import { wholeRefusal } from '../ui/whole-refusal.ts';

/** Ends a run that the server executes, after asking. One of another machine is ended there. */
export function CancelRun({ run, session }: { run: ProvisionRun; session: Session }) {
  const client = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => api.cancelRun({ params: { id: run.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [liveKey] });
      setIsAsking(false);
    },
  });
  if (run.state !== 'running' || run.inventory === undefined) return null;
  return (
    <>
      <RefusedButton variant="secondary" size="sm" refusal={wholeRefusal(session)} onClick={() => setIsAsking(true)}>
        Cancel run
      </RefusedButton>
      {isAsking && (
        <FormDialog
          title="Cancel run"
          submitText="Cancel run"
          isDanger
          width="small"
          isPending={cancel.isPending}
          error={cancel.error}
          errorTitle="Not cancelled"
          onSubmit={() => cancel.mutate()}
          onClose={() => setIsAsking(false)}
        >
          <p>
            What is under way on a host is finished, and nothing more is begun. What is done stays done; the same run goes on from there.
          </p>
        </FormDialog>
      )}
    </>
  );
}
