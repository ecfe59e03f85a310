import { Checkbox, ExpandableSection } from '@patternfly/react-core';
import { useState } from 'react';

type Props = { readonly phases: readonly string[]; readonly only: readonly string[]; readonly onOnly: (only: readonly string[]) => void };

/** These run in any case. */
const always: ReadonlySet<string> = new Set(['connect', 'detect']);

/** Which phases are to run. Folded away: most often all of them. */
export function PhaseChoice({ phases, only, onOnly }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const toggle = (phase: string, isChosen: boolean) => onOnly(phases.filter((one) => (one === phase ? isChosen : only.includes(one))));
  return (
    <ExpandableSection
      toggleText={only.length === 0 ? 'All phases' : `Only ${only.join(', ')}`}
      isExpanded={isOpen}
      onToggle={(_, isExpanded) => setIsOpen(isExpanded)}
    >
      <fieldset className="mp-radios">
        <legend>Only these phases; none means all</legend>
        {phases
          .filter((phase) => !always.has(phase))
          .map((phase) => (
            <Checkbox
              key={phase}
              id={`run-phase-${phase}`}
              label={phase}
              isChecked={only.includes(phase)}
              onChange={(_, checked) => toggle(phase, checked)}
            />
          ))}
      </fieldset>
    </ExpandableSection>
  );
}
