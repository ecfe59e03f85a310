import type { NodeAction } from '@muster/core';
import type { ComponentType } from 'react';
import type { ActionDialogProps } from './action-dialog.ts';
import { RestartAgentDialog, StartAgentDialog, StopAgentDialog } from './agent-dialogs.tsx';
import { EnvironmentsOffDialog, EnvironmentsOnDialog, SyncDialog } from './environment-dialogs.tsx';
import { ExecDialog } from './exec-dialog.tsx';
import { BeginMaintenanceDialog, EndMaintenanceDialog } from './maintenance-dialogs.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { RotateDialog } from './rotate-dialog.tsx';
import { CordonDialog, DrainDialog, UncordonDialog } from './scheduling-dialogs.tsx';
import { ServiceDialog } from './service-dialog.tsx';

/** Something that can be done with chosen nodes: what it is called, what decides whether it may be done, and what asks before it is. */
export type BulkAction = {
  readonly text: string;
  readonly action: NodeAction;
  readonly group: 'Keys' | 'Agent' | 'Scheduling' | 'Maintenance' | 'Environments' | 'Run' | 'Node';
  readonly isDanger?: boolean;
  readonly Dialog: ComponentType<ActionDialogProps>;
};

/** Everything that can be done with chosen nodes, in the order in which it is shown. */
export const bulkActions: readonly BulkAction[] = [
  { text: 'Rotate host keys', action: 'rotate', group: 'Keys', Dialog: RotateDialog },
  { text: 'Restart agent', action: 'restart-agent', group: 'Agent', Dialog: RestartAgentDialog },
  { text: 'Start agent', action: 'start-agent', group: 'Agent', Dialog: StartAgentDialog },
  { text: 'Stop agent', action: 'stop-agent', group: 'Agent', Dialog: StopAgentDialog },
  { text: 'Cordon', action: 'cordon', group: 'Scheduling', Dialog: CordonDialog },
  { text: 'Uncordon', action: 'uncordon', group: 'Scheduling', Dialog: UncordonDialog },
  { text: 'Drain', action: 'drain', group: 'Scheduling', Dialog: DrainDialog },
  { text: 'Begin maintenance', action: 'begin-maintenance', group: 'Maintenance', Dialog: BeginMaintenanceDialog },
  { text: 'End maintenance', action: 'end-maintenance', group: 'Maintenance', Dialog: EndMaintenanceDialog },
  { text: 'Environments on', action: 'change', group: 'Environments', Dialog: EnvironmentsOnDialog },
  { text: 'Environments off', action: 'change', group: 'Environments', Dialog: EnvironmentsOffDialog },
  { text: 'Sync environments', action: 'sync-environments', group: 'Environments', Dialog: SyncDialog },
  { text: 'Run command', action: 'exec', group: 'Run', Dialog: ExecDialog },
  { text: 'Restart service', action: 'service', group: 'Run', Dialog: ServiceDialog },
  { text: 'Remove', action: 'remove', group: 'Node', isDanger: true, Dialog: RemoveDialog },
];
