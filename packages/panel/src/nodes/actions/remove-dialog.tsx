import { useState } from 'react';
import type { ActionDialogProps } from './action-dialog.ts';
import { PlainActionDialog } from './plain-action-dialog.tsx';
import { confirmationOf, TypedConfirmation } from './typed-confirmation.tsx';

/** Asks, and asks for a word typed by hand, before nodes are removed. */
export function RemoveDialog(props: ActionDialogProps) {
  const names = props.nodes.map(({ name }) => name);
  const [typed, setTyped] = useState('');
  return (
    <PlainActionDialog
      {...props}
      title={names.length === 1 ? 'Remove node' : `Remove ${names.length} nodes`}
      done="Removed"
      isDanger
      isDisabled={typed.trim() !== confirmationOf(names)}
      asked={{ action: 'remove' }}
    >
      <p>Their certificates are revoked and their connections closed at once. Their history is kept. This cannot be taken back.</p>
      <TypedConfirmation names={names} value={typed} onChange={setTyped} />
    </PlainActionDialog>
  );
}
