import type { HealthState } from '@muster/api';
import { Label } from '@patternfly/react-core';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import QuestionCircleIcon from '@patternfly/react-icons/dist/esm/icons/question-circle-icon';
import type { ComponentType } from 'react';

type Look = {
  readonly text: string;
  readonly status?: 'success' | 'warning' | 'danger';
  readonly icon: ComponentType;
  readonly meaning: string;
};

/** How each state of health looks: always a word and a shape beside the colour. */
export const healthLooks: Record<HealthState, Look> = {
  good: { text: 'Good', status: 'success', icon: CheckCircleIcon, meaning: 'Agent heard in time, all watched services run' },
  degraded: {
    text: 'Degraded',
    status: 'warning',
    icon: ExclamationTriangleIcon,
    meaning: 'Agent heard in time, something is wrong on the node',
  },
  bad: { text: 'Bad', status: 'danger', icon: ExclamationCircleIcon, meaning: 'Agent not heard in time' },
  unknown: { text: 'Unknown', icon: QuestionCircleIcon, meaning: 'Never heard' },
};

/** The states in the order of lists and summaries. */
export const healthStates: readonly HealthState[] = ['good', 'degraded', 'bad', 'unknown'];

export function HealthLabel({ state, isCompact = true }: { state: HealthState; isCompact?: boolean }) {
  const { text, status, icon: Icon } = healthLooks[state];
  // Good is the usual case and stays quiet, so that what needs a look stands out.
  return (
    <Label
      variant={state === 'good' || state === 'unknown' ? 'outline' : 'filled'}
      {...(status === undefined ? {} : { status })}
      icon={<Icon />}
      isCompact={isCompact}
      className="mp-health"
    >
      {text}
    </Label>
  );
}
