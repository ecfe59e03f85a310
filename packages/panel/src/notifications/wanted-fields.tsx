import type { OwnSubscriptionCreate } from '@muster/api';
import { Checkbox, ExpandableSection, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { groupsOf } from '../nodes/add/new-node.ts';
import { rangeFault } from '../nodes/range-fault.ts';
import { FormField } from '../ui/form-field.tsx';
import { eventKinds } from './event-kinds.ts';

/** What somebody wants to be told of, as fields. */
export type Wanted = {
  readonly severity: 'info' | 'warning' | 'error';
  readonly kinds: readonly (typeof eventKinds)[number]['kind'][];
  readonly groups: string;
  readonly range: string;
};
export const usualWanted: Wanted = { severity: 'warning', kinds: [], groups: '', range: '' };

/** The request that the fields make. */
export const wantedOf = ({ severity, kinds, groups, range }: Wanted): OwnSubscriptionCreate => ({
  severity,
  kinds: [...kinds],
  groups: groupsOf(groups),
  range: range.trim() === '' ? null : range.trim(),
});

type Props = { readonly wanted: Wanted; readonly onWanted: (wanted: Wanted) => void };

/** Which events, and about which nodes. */
export function WantedFields({ wanted, onWanted }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const set = (change: Partial<Wanted>) => onWanted({ ...wanted, ...change });
  return (
    <>
      <FormField id="wanted-severity" label="How grave">
        {(control) => (
          <FormSelect
            {...control}
            value={wanted.severity}
            onChange={(_, value) => set({ severity: value === 'info' || value === 'error' ? value : 'warning' })}
          >
            <FormSelectOption value="info" label="Everything" />
            <FormSelectOption value="warning" label="Warnings and errors" />
            <FormSelectOption value="error" label="Errors only" />
          </FormSelect>
        )}
      </FormField>
      <FormField id="wanted-groups" label="Only nodes of these groups" hint="Empty: all nodes, and what is about none.">
        {(control) => <TextInput {...control} value={wanted.groups} spellCheck={false} onChange={(_, groups) => set({ groups })} />}
      </FormField>
      <FormField id="wanted-range" label="Only nodes of this range" fault={rangeFault(wanted.range)?.message}>
        {(control) => <TextInput {...control} value={wanted.range} spellCheck={false} onChange={(_, range) => set({ range })} />}
      </FormField>
      <ExpandableSection
        toggleText={wanted.kinds.length === 0 ? 'All kinds of events' : `${wanted.kinds.length} kinds of events`}
        isExpanded={isOpen}
        onToggle={(_, isExpanded) => setIsOpen(isExpanded)}
      >
        <fieldset className="mp-kinds">
          <legend>Only these kinds; none chosen means all</legend>
          {eventKinds.map(({ kind, text }) => (
            <Checkbox
              key={kind}
              id={`wanted-${kind}`}
              label={text}
              isChecked={wanted.kinds.includes(kind)}
              onChange={(_, isOn) => set({ kinds: isOn ? [...wanted.kinds, kind] : wanted.kinds.filter((one) => one !== kind) })}
            />
          ))}
        </fieldset>
      </ExpandableSection>
    </>
  );
}
