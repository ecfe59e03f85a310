import type { NodeService } from '@muster/api';
import type { LabelProps } from '@patternfly/react-core';

/** Colour and shape of each state of a service; its name always stands beside them. */
export const serviceLooks: Record<NodeService['state'], Pick<LabelProps, 'status' | 'color' | 'variant'>> = {
  running: { status: 'success', variant: 'outline' },
  starting: { status: 'info' },
  stopping: { status: 'info' },
  stopped: { status: 'warning' },
  failed: { status: 'danger' },
  missing: { status: 'danger', variant: 'outline' },
  unknown: { color: 'grey', variant: 'outline' },
};
