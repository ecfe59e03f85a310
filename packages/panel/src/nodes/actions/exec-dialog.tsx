import { maxTaskSeconds } from '@muster/api';
import { Label, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { FormField } from '../../ui/form-field.tsx';
import { NamedNodes } from '../../ui/named-nodes.tsx';
import type { ActionDialogProps } from './action-dialog.ts';
import { commandWords } from './command-words.ts';
import { paceFaults, PaceFields } from './pace-fields.tsx';
import { noPace, useStartOperation } from './use-start-operation.ts';

/** Asks for a command and runs it on the nodes, through their agents. */
export function ExecDialog({ nodes, onClose }: ActionDialogProps) {
  const [text, setText] = useState('');
  const [timeout, setTimeoutText] = useState('300');
  const [pace, setPace] = useState(noPace);
  const [isChecked, setIsChecked] = useState(false);
  const start = useStartOperation(nodes, onClose);
  const command = commandWords(text);
  const isTimeoutGood = /^\d{1,5}$/u.test(timeout) && Number(timeout) >= 1 && Number(timeout) <= maxTaskSeconds;
  const faults = paceFaults(pace);
  const submit = () => {
    setIsChecked(true);
    if (!command.ok || !isTimeoutGood || Object.keys(faults).length > 0) return;
    start.mutate({ spec: { kind: 'exec', command: [...command.words], timeoutSeconds: Number(timeout) }, pace });
  };
  return (
    <FormDialog
      title="Run command"
      submitText="Run command"
      isPending={start.isPending}
      error={start.error}
      errorTitle="It was not started"
      onSubmit={submit}
      onClose={onClose}
    >
      <NamedNodes names={nodes.map(({ name }) => name)} />
      <FormField
        id="exec-command"
        label="Command"
        hint="A program and its arguments. No shell sees them, so pipes, variables and wildcards mean nothing."
        fault={isChecked && !command.ok ? command.fault : undefined}
        isRequired
      >
        {({ validated, ...control }) => (
          <TextInput
            {...control}
            validated={validated}
            className="mp-code"
            value={text}
            autoComplete="off"
            spellCheck={false}
            onChange={(_, value) => setText(value)}
          />
        )}
      </FormField>
      {command.ok && command.words.length > 1 && (
        <div className="mp-labels" role="group" aria-label="Words of the command">
          {command.words.map((word, at) => (
            // Words repeat, and only their place tells them apart.
            <Label key={at} isCompact variant="outline" textMaxWidth="40ch">
              {word === '' ? '(empty)' : word}
            </Label>
          ))}
        </div>
      )}
      <FormField
        id="exec-timeout"
        label="Time-out, seconds"
        hint="After this long a node ends the command."
        fault={isChecked && !isTimeoutGood ? `A whole number from 1 to ${maxTaskSeconds}.` : undefined}
      >
        {({ validated, ...control }) => (
          <TextInput
            {...control}
            validated={validated}
            inputMode="numeric"
            value={timeout}
            onChange={(_, value) => setTimeoutText(value)}
          />
        )}
      </FormField>
      <PaceFields pace={pace} onPace={setPace} faults={faults} />
    </FormDialog>
  );
}
