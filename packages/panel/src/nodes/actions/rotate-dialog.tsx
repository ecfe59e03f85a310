import type { ActionDialogProps } from './action-dialog.ts';
import { PlainOperationDialog } from './plain-operation-dialog.tsx';

/** Asks before new keys and certificates are made. */
export function RotateDialog(props: ActionDialogProps) {
  return (
    <PlainOperationDialog {...props} title="Rotate host keys" submitText="Rotate host keys" spec={{ kind: 'rotate' }}>
      <p>
        Each node gets a new key and certificate beside the old ones. Only when a heartbeat has proven the new one is the old one revoked;
        nothing is cut off meanwhile. A node that is away rotates when it comes back.
      </p>
    </PlainOperationDialog>
  );
}
