import type { Member } from '@muster/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { useToast } from '../toasts/toasts.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { TypedName } from '../ui/typed-name.tsx';

type Props = { readonly member: Member; readonly onClose: () => void };

type AskProps = Pick<Props, 'onClose'> & {
  readonly title: string;
  readonly submitText: string;
  readonly done: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly change: () => Promise<unknown>;
  readonly children: ReactNode;
};

function AskDialog({ done, change, onClose, children, ...props }: AskProps) {
  const client = useQueryClient();
  const toast = useToast();
  const asked = useMutation({
    mutationFn: change,
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [liveKey] });
      toast({ title: done });
      onClose();
    },
  });
  return (
    <FormDialog
      {...props}
      width="small"
      isPending={asked.isPending}
      error={asked.error}
      errorTitle="It was not done"
      onSubmit={() => asked.mutate()}
      onClose={onClose}
    >
      {children}
    </FormDialog>
  );
}

/** Asks before the nodes of a server go to the others. */
export function DrainDialog({ member: { id, name }, onClose }: Props) {
  return (
    <AskDialog
      title={`Drain ${name}`}
      submitText="Drain"
      done={`${name} gives its nodes to the others`}
      change={() => api.drainMember({ params: { id } })}
      onClose={onClose}
    >
      <p>
        Its nodes go to the other servers without missing a heartbeat, and none comes to it until it is undrained. It goes on with all else.
      </p>
    </AskDialog>
  );
}

/** Asks before a server takes nodes again. */
export function UndrainDialog({ member: { id, name }, onClose }: Props) {
  return (
    <AskDialog
      title={`Undrain ${name}`}
      submitText="Undrain"
      done={`${name} takes nodes again`}
      change={() => api.undrainMember({ params: { id } })}
      onClose={onClose}
    >
      <p>It takes its share of the nodes again, little by little.</p>
    </AskDialog>
  );
}

/** Asks, and asks for its name typed by hand, before a server that is gone is forgotten. */
export function RemoveMemberDialog({ member: { id, name }, onClose }: Props) {
  const [typed, setTyped] = useState('');
  return (
    <AskDialog
      title={`Remove ${name}`}
      submitText="Remove server"
      done={`${name} was removed`}
      isDanger
      isDisabled={typed.trim() !== name}
      change={() => api.removeMember({ params: { id } })}
      onClose={onClose}
    >
      <p>The pool forgets the server, and agents are not told of it any more. If Muster starts on it again, it joins anew.</p>
      <TypedName label="Type the server's name to confirm" name={name} value={typed} onChange={setTyped} />
    </AskDialog>
  );
}
