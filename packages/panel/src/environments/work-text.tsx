import type { EnvironmentWork } from '@muster/api';
import { Label, type LabelProps } from '@patternfly/react-core';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { printable } from '../ui/printable.ts';

const looks: Readonly<Record<EnvironmentWork['state'], Pick<LabelProps, 'status' | 'color' | 'variant'> & { text: string }>> = {
  new: { text: 'New', color: 'grey' },
  ongoing: { text: 'Ongoing', status: 'info' },
  success: { text: 'Success', status: 'success', variant: 'outline' },
  failed: { text: 'Failed', status: 'danger' },
};

/** What was scheduled for an environment on a node, and how it fares. */
export function WorkText({ work }: { work: EnvironmentWork | null }) {
  if (work === null) return <NotKnown because="nothing" />;
  const { text, ...look } = looks[work.state];
  return (
    <>
      <Label {...look} isCompact>
        {text}
      </Label>{' '}
      {work.action}
      {work.version !== null && ` version ${work.version}`}
      {work.attempts > 1 && `, tried ${work.attempts} times`}
      {work.message !== '' && <span className="mp-under mp-message">{printable(work.message)}</span>}
      {work.retryAt !== null && (
        <span className="mp-under mp-quiet">
          tried again <Moment at={work.retryAt} />
        </span>
      )}
    </>
  );
}
