import type { ActionDialogProps } from './action-dialog.ts';
import { PlainOperationDialog } from './plain-operation-dialog.tsx';

const overSsh = 'This goes over SSH. Where a node cannot be reached so, its result says why and gives the line to run by hand.';

/** Asks before agents are restarted. */
export function RestartAgentDialog(props: ActionDialogProps) {
  return (
    <PlainOperationDialog {...props} title="Restart agent" submitText="Restart agent" spec={{ kind: 'agent', action: 'restart' }}>
      <p>{overSsh}</p>
    </PlainOperationDialog>
  );
}

/** Asks before agents are started. */
export function StartAgentDialog(props: ActionDialogProps) {
  return (
    <PlainOperationDialog {...props} title="Start agent" submitText="Start agent" spec={{ kind: 'agent', action: 'start' }}>
      <p>{overSsh}</p>
    </PlainOperationDialog>
  );
}

/** Asks before agents are stopped, and says what that means. */
export function StopAgentDialog(props: ActionDialogProps) {
  return (
    <PlainOperationDialog {...props} title="Stop agent" submitText="Stop agent" spec={{ kind: 'agent', action: 'stop' }}>
      <p>
        The nodes go on working, but are not watched and take no commands. Nothing starts the agents again until somebody does. {overSsh}
      </p>
    </PlainOperationDialog>
  );
}
