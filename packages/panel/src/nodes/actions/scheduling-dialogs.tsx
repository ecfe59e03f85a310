import { TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { FormField } from '../../ui/form-field.tsx';
import type { ActionDialogProps } from './action-dialog.ts';
import { PlainActionDialog } from './plain-action-dialog.tsx';

/** A line for why; it is shown at each node. */
export function ReasonField({
  value,
  onChange,
  isRequired = false,
}: {
  value: string;
  onChange: (value: string) => void;
  isRequired?: boolean;
}) {
  return (
    <FormField id="reason" label="Reason" hint="Shown at each node." isRequired={isRequired}>
      {({ validated, ...control }) => (
        <TextInput
          {...control}
          validated={validated}
          value={value}
          maxLength={500}
          autoComplete="off"
          onChange={(_, text) => onChange(text)}
        />
      )}
    </FormField>
  );
}

/** Asks before nodes take no new work. */
export function CordonDialog(props: ActionDialogProps) {
  const [reason, setReason] = useState('');
  return (
    <PlainActionDialog {...props} title="Cordon" done="Cordoned" asked={{ action: 'cordon', reason: reason.trim() }}>
      <p>No new work comes to them. What runs there goes on.</p>
      <ReasonField value={reason} onChange={setReason} />
    </PlainActionDialog>
  );
}

/** Asks before nodes take new work again. */
export function UncordonDialog(props: ActionDialogProps) {
  return (
    <PlainActionDialog {...props} title="Uncordon" done="Uncordoned" asked={{ action: 'uncordon' }}>
      <p>New work may come to them again.</p>
    </PlainActionDialog>
  );
}

/** Asks before nodes are emptied. */
export function DrainDialog(props: ActionDialogProps) {
  const [reason, setReason] = useState('');
  return (
    <PlainActionDialog {...props} title="Drain" done="Draining" asked={{ action: 'drain', reason: reason.trim() }}>
      <p>No new work comes to them, and they count as drained once nothing runs there any more. What runs is not ended.</p>
      <ReasonField value={reason} onChange={setReason} />
    </PlainActionDialog>
  );
}
