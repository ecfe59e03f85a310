import type { Operation, TaskState } from '@muster/api';
import type { LabelProps } from '@patternfly/react-core';

type Look = Pick<LabelProps, 'status' | 'color' | 'variant'> & { readonly text: string; readonly meaning: string };

/** How the states of a task look, in the order in which they are counted: always a word beside the colour. */
export const taskLooks: Record<TaskState, Look> = {
  succeeded: { text: 'Succeeded', status: 'success', variant: 'outline', meaning: 'Done' },
  failed: { text: 'Failed', status: 'danger', meaning: 'Done, and it did not go well' },
  running: { text: 'Running', status: 'info', meaning: 'The agent has it on its disk' },
  sent: { text: 'Sent', status: 'info', variant: 'outline', meaning: 'Given to the node, not yet taken' },
  queued: { text: 'Waiting', color: 'grey', meaning: 'Not yet given to the node' },
  unknown: { text: 'Not known', status: 'warning', meaning: 'It may or may not have taken place; the node may still tell' },
  expired: { text: 'Expired', status: 'warning', variant: 'outline', meaning: 'Not begun in time, and not done any more' },
  cancelled: { text: 'Cancelled', color: 'grey', variant: 'outline', meaning: 'Somebody took it back' },
};
export const taskStates = Object.keys(taskLooks) as TaskState[];

/** How the states of a whole operation look. */
export const operationLooks: Record<Operation['state'], Look> = {
  running: { text: 'Running', status: 'info', meaning: 'Not all nodes are done' },
  succeeded: { text: 'Succeeded', status: 'success', variant: 'outline', meaning: 'Done on all nodes' },
  failed: { text: 'Failed', status: 'danger', meaning: 'Not done on all nodes' },
  cancelled: { text: 'Cancelled', color: 'grey', variant: 'outline', meaning: 'Somebody took it back' },
};
