import type { EnvironmentSync } from '@muster/api';
import { Label, type LabelProps } from '@patternfly/react-core';

const looks: Readonly<Record<EnvironmentSync, Pick<LabelProps, 'status' | 'color' | 'variant'> & { text: string; meaning: string }>> = {
  'in-sync': { text: 'In sync', status: 'success', variant: 'outline', meaning: 'The node has what it should have' },
  'out-of-sync': { text: 'Out of sync', status: 'warning', meaning: 'The node has not what it should have' },
  off: { text: 'Off', color: 'grey', variant: 'outline', meaning: 'No operation on environments is scheduled for the node' },
  unknown: {
    text: 'Not known',
    color: 'grey',
    variant: 'outline',
    meaning: 'The node is not heard, or has not reported its environments yet',
  },
};

/** Whether a node has the environments it should have. */
export function SyncLabel({ sync, title }: { sync: EnvironmentSync; title?: string }) {
  const { text, meaning, ...look } = looks[sync];
  return (
    <Label {...look} isCompact title={title ?? meaning}>
      {text}
    </Label>
  );
}
