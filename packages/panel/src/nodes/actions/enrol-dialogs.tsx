import type { JoinToken, Node } from '@muster/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api } from '../../api/client.ts';
import { liveKey } from '../../api/queries.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { NamedNodes } from '../../ui/named-nodes.tsx';
import { NodeAdded } from '../add/node-added.tsx';
import type { ActionDialogProps } from './action-dialog.ts';
import { confirmationOf, TypedConfirmation } from './typed-confirmation.tsx';

type Props = ActionDialogProps & {
  readonly title: string;
  readonly isTyped?: boolean;
  readonly make: (node: Node) => Promise<JoinToken>;
  readonly children: ReactNode;
};

/** Asks, makes a token, and shows how to use it. */
function TokenDialog({ nodes, onClose, title, isTyped = false, make, children }: Props) {
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const names = nodes.map(({ name }) => name);
  const [node] = nodes;
  const token = useMutation({ mutationFn: make, onSuccess: () => client.invalidateQueries({ queryKey: [liveKey] }) });
  if (node === undefined) return null;
  if (token.isSuccess) return <NodeAdded name={node.name} token={token.data} onClose={onClose} isNew={false} />;
  return (
    <FormDialog
      title={title}
      submitText={title}
      isDanger={isTyped}
      isDisabled={isTyped && typed.trim() !== confirmationOf(names)}
      isPending={token.isPending}
      error={token.error}
      errorTitle="No token was made"
      onSubmit={() => token.mutate(node)}
      onClose={onClose}
    >
      <NamedNodes names={names} />
      {children}
      {isTyped && <TypedConfirmation names={names} value={typed} onChange={setTyped} />}
    </FormDialog>
  );
}

/** Makes another token for a node that has not enrolled. */
export function JoinDialog(props: ActionDialogProps) {
  return (
    <TokenDialog {...props} title="New join token" make={({ id }) => api.makeJoinToken({ params: { node: id } })}>
      <p>Earlier tokens that were not used end.</p>
    </TokenDialog>
  );
}

/** Lets a machine that was made anew come back under its name. */
export function ReissueDialog(props: ActionDialogProps) {
  return (
    <TokenDialog {...props} title="Reissue" isTyped make={({ id }) => api.reissueNode({ params: { node: id } })}>
      <p>
        For a machine that was made anew and comes back under its old name. Its old certificates are revoked and its connection is closed at
        once; it enrols again with a new token.
      </p>
    </TokenDialog>
  );
}
