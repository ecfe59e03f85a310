import type { AuthorityStatus, RotationStep } from '@muster/api';
import { foldNames } from '@muster/core';
import { Checkbox } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { authorityQuery, liveKey } from '../api/queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';

const texts: Readonly<Record<RotationStep, { title: string; text: string }>> = {
  begin: {
    title: 'Replace the authority',
    text: 'A new authority is made, and all nodes and servers learn to trust it beside the old one. Nothing else changes in this phase.',
  },
  next: { title: 'Next phase', text: 'All that matters is caught up, or is given up on here.' },
  finish: { title: 'Finish', text: 'The old authority is not trusted any more. This cannot be taken back.' },
  rollback: { title: 'Roll back', text: 'Whatever is of the new authority goes back to the old one, and the new one is forgotten.' },
};

type Props = { readonly step: RotationStep; readonly rotation: AuthorityStatus['rotation']; readonly onClose: () => void };

/** Asks before a step of the replacement. Who is behind is given up on only by name and only on purpose. */
export function StepDialog({ step, rotation, onClose }: Props) {
  const client = useQueryClient();
  const behind = step === 'next' || step === 'finish' ? (rotation?.behind.map(({ name }) => name) ?? []) : [];
  const [isGivenUp, setIsGivenUp] = useState(false);
  const take = useMutation({
    mutationFn: () => api.stepAuthority({ body: { step, leaveBehind: isGivenUp ? behind : [] } }),
    onSuccess: (status) => {
      client.setQueryData(authorityQuery.queryKey, status);
      void client.invalidateQueries({ queryKey: [liveKey] });
      onClose();
    },
  });
  const { title, text } = texts[step];
  return (
    <FormDialog
      title={title}
      submitText={title}
      isDanger={step === 'finish' || step === 'rollback'}
      isPending={take.isPending}
      error={take.error}
      errorTitle="The step was not taken"
      onSubmit={() => take.mutate()}
      onClose={onClose}
    >
      <p>{text}</p>
      {behind.length > 0 && (
        <>
          <p>
            Not caught up: <code className="mp-break">{foldNames(behind)}</code>
          </p>
          <Checkbox
            id="leave-behind"
            label="Give up on these: they have to enrol again"
            isChecked={isGivenUp}
            onChange={(_, isChecked) => setIsGivenUp(isChecked)}
          />
        </>
      )}
    </FormDialog>
  );
}
