import type { Node } from '@muster/api';
import type { LabelProps } from '@patternfly/react-core';

type Look = Pick<LabelProps, 'color' | 'variant'> & { readonly text: string };

/** Whether new work may come to a node: word and colour. */
export const schedulingLooks: Record<Node['scheduling']['state'], Look> = {
  open: { text: 'Open', color: 'grey', variant: 'outline' },
  cordoned: { text: 'Cordoned', color: 'orange' },
  draining: { text: 'Draining', color: 'orange' },
  drained: { text: 'Drained', color: 'orange', variant: 'outline' },
};

/** The agent's process as the server treats it: word and colour. */
export const agentLooks: Record<Node['agent']['state'], Look> = {
  normal: { text: 'Normal', color: 'grey', variant: 'outline' },
  stopped: { text: 'Stopped', color: 'grey' },
  restarting: { text: 'Restarting', color: 'blue' },
  'needs-attention': { text: 'Needs attention', color: 'red' },
};
