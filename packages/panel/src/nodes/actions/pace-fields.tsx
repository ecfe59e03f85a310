import { ExpandableSection, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { FormField } from '../../ui/form-field.tsx';
import type { Pace } from './use-start-operation.ts';

export type PaceFaults = { readonly [K in keyof Pace]?: string };

const isWhole = (text: string, least: number): boolean => text.trim() === '' || (/^\d{1,6}$/u.test(text.trim()) && Number(text) >= least);

/** What is wrong with the pace, by field. */
export const paceFaults = ({ batch, maxFail }: Pace): PaceFaults => ({
  ...(isWhole(batch, 1) ? {} : { batch: 'A whole number from 1, or nothing.' }),
  ...(isWhole(maxFail, 0) ? {} : { maxFail: 'A whole number from 0, or nothing.' }),
});

type Props = { readonly pace: Pace; readonly onPace: (pace: Pace) => void; readonly faults: PaceFaults };

/** How many nodes at a time, and when to stop. Folded away: most often all at once is right. */
export function PaceFields({ pace, onPace, faults }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const isFaulty = Object.keys(faults).length > 0;
  return (
    <ExpandableSection
      toggleText="One after another, and when to stop"
      isExpanded={isOpen || isFaulty}
      onToggle={(_, isExpanded) => setIsOpen(isExpanded)}
    >
      <div className="mp-pair">
        <FormField id="pace-batch" label="Nodes at a time" hint="Empty: all at once." fault={faults.batch}>
          {({ validated, ...control }) => (
            <TextInput
              {...control}
              validated={validated}
              inputMode="numeric"
              value={pace.batch}
              onChange={(_, batch) => onPace({ ...pace, batch })}
            />
          )}
        </FormField>
        <FormField id="pace-max-fail" label="Failures allowed" hint="Empty: it goes on whatever fails." fault={faults.maxFail}>
          {({ validated, ...control }) => (
            <TextInput
              {...control}
              validated={validated}
              inputMode="numeric"
              value={pace.maxFail}
              onChange={(_, maxFail) => onPace({ ...pace, maxFail })}
            />
          )}
        </FormField>
      </div>
    </ExpandableSection>
  );
}
