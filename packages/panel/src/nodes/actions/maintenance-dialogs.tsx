import { Radio, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { FormField } from '../../ui/form-field.tsx';
import type { ActionDialogProps } from './action-dialog.ts';
import { PlainActionDialog } from './plain-action-dialog.tsx';
import { ReasonField } from './scheduling-dialogs.tsx';

const spans = [
  { seconds: 3_600, text: 'For an hour' },
  { seconds: 14_400, text: 'For four hours' },
  { seconds: 86_400, text: 'For a day' },
] as const;
type Span = (typeof spans)[number]['seconds'] | 'until' | 'open';

/** The moment that a field of date and time names, in this machine's time zone; undefined while it names none. */
const momentIn = (text: string): string | undefined => {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
};

/** Asks why, and until when, somebody works on nodes. */
export function BeginMaintenanceDialog(props: ActionDialogProps) {
  const [reason, setReason] = useState('');
  const [span, setSpan] = useState<Span>('open');
  const [until, setUntil] = useState('');
  const end = span === 'until' ? { until: momentIn(until) } : span === 'open' ? {} : { seconds: span };
  const isMissing = reason.trim() === '' || (span === 'until' && momentIn(until) === undefined);
  return (
    <PlainActionDialog
      {...props}
      title="Begin maintenance"
      done="Maintenance began on"
      isDisabled={isMissing}
      asked={{ action: 'begin-maintenance', reason: reason.trim(), ...end }}
    >
      <p>Nothing restarts their agents meanwhile, and nobody is called because of their health.</p>
      <ReasonField value={reason} onChange={setReason} isRequired />
      <fieldset className="mp-radios">
        <legend>How long</legend>
        <Radio
          id="maintenance-open"
          name="maintenance"
          label="Until somebody ends it"
          isChecked={span === 'open'}
          onChange={() => setSpan('open')}
        />
        {spans.map(({ seconds, text }) => (
          <Radio
            key={seconds}
            id={`maintenance-${seconds}`}
            name="maintenance"
            label={text}
            isChecked={span === seconds}
            onChange={() => setSpan(seconds)}
          />
        ))}
        <Radio
          id="maintenance-until"
          name="maintenance"
          label="Until a moment"
          isChecked={span === 'until'}
          onChange={() => setSpan('until')}
        />
      </fieldset>
      {span === 'until' && (
        <FormField id="maintenance-moment" label="Until" hint="In your own time zone." isRequired>
          {({ validated, ...control }) => (
            <TextInput {...control} validated={validated} type="datetime-local" value={until} onChange={(_, text) => setUntil(text)} />
          )}
        </FormField>
      )}
    </PlainActionDialog>
  );
}

/** Asks before maintenance ends. */
export function EndMaintenanceDialog(props: ActionDialogProps) {
  return (
    <PlainActionDialog {...props} title="End maintenance" done="Maintenance ended on" asked={{ action: 'end-maintenance' }}>
      <p>They are watched as before. A node that is cordoned stays so.</p>
    </PlainActionDialog>
  );
}
