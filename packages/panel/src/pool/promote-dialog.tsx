import { type Member, ProblemError } from '@muster/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { poolQuery } from '../api/pool-queries.ts';
import { useToast } from '../toasts/toasts.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { TypedName } from '../ui/typed-name.tsx';

type Props = { readonly member: Member; readonly onClose: () => void };

/** Asks before the primary of the database moves. Where acknowledged changes would be lost the server says how much, and the name has to be typed. */
export function PromoteDialog({ member: { id, name }, onClose }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const [typed, setTyped] = useState('');
  const [wouldLose, setWouldLose] = useState(false);
  const promote = useMutation({
    mutationFn: () => api.promoteMember({ params: { id }, body: { acceptDataLoss: wouldLose } }),
    onError: (error) => {
      if (error instanceof ProblemError && error.problem.code === 'would-lose-data') setWouldLose(true);
    },
    onSuccess: ({ state }) => {
      void client.invalidateQueries({ queryKey: poolQuery.queryKey });
      toast({ title: state === 'already' ? `${name} is the primary already` : `${name} is being made the primary` });
      onClose();
    },
  });
  return (
    <FormDialog
      title={`Make ${name} the primary`}
      submitText={wouldLose ? 'Promote, and lose that' : 'Make it the primary'}
      isDanger={wouldLose}
      isDisabled={wouldLose && typed.trim() !== name}
      isPending={promote.isPending}
      error={promote.error}
      errorTitle="It was not made the primary"
      onSubmit={() => promote.mutate()}
      onClose={onClose}
    >
      <p>
        The copy of the database on {name} becomes the one that takes writes. For some seconds nothing is written, and nobody can sign in;
        agents go on with what they do.
      </p>
      {wouldLose && <TypedName label="Type the server's name to lose what it lacks" name={name} value={typed} onChange={setTyped} />}
    </FormDialog>
  );
}
