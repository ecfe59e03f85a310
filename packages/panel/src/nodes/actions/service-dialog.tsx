import { ServiceAction, UnitName } from '@muster/api';
import { Radio, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { FormField } from '../../ui/form-field.tsx';
import { sentenceOf } from '../../ui/format.ts';
import { NamedNodes } from '../../ui/named-nodes.tsx';
import type { ActionDialogProps } from './action-dialog.ts';
import { paceFaults, PaceFields } from './pace-fields.tsx';
import { noPace, useStartOperation } from './use-start-operation.ts';

/** Asks which service is to be started, stopped or restarted on the nodes. */
export function ServiceDialog({ nodes, onClose }: ActionDialogProps) {
  const [action, setAction] = useState<ServiceAction>('restart');
  const [unit, setUnit] = useState('');
  const [pace, setPace] = useState(noPace);
  const [isChecked, setIsChecked] = useState(false);
  const start = useStartOperation(nodes, onClose);
  const named = UnitName.safeParse(unit.trim());
  const faults = paceFaults(pace);
  const submit = () => {
    setIsChecked(true);
    if (named.success && Object.keys(faults).length === 0) start.mutate({ spec: { kind: 'service', action, unit: named.data }, pace });
  };
  return (
    <FormDialog
      title="Restart service"
      submitText={`${sentenceOf(action)} service`}
      isPending={start.isPending}
      error={start.error}
      errorTitle="It was not started"
      onSubmit={submit}
      onClose={onClose}
    >
      <NamedNodes names={nodes.map(({ name }) => name)} />
      <FormField
        id="service-unit"
        label="Service"
        hint="The unit by its full name, such as slurmd.service."
        fault={isChecked && !named.success ? 'Name a unit as systemd does, with its type, such as slurmd.service.' : undefined}
        isRequired
      >
        {({ validated, ...control }) => (
          <TextInput
            {...control}
            validated={validated}
            value={unit}
            autoComplete="off"
            spellCheck={false}
            onChange={(_, value) => setUnit(value)}
          />
        )}
      </FormField>
      <fieldset className="mp-radios">
        <legend>What to do</legend>
        {ServiceAction.options.map((option) => (
          <Radio
            key={option}
            id={`service-${option}`}
            name="service-action"
            label={sentenceOf(option)}
            isChecked={action === option}
            onChange={() => setAction(option)}
          />
        ))}
      </fieldset>
      {action === 'stop' && (
        <p className="mp-quiet">A service that is stopped on purpose stays stopped: nothing starts it again by itself.</p>
      )}
      <PaceFields pace={pace} onPace={setPace} faults={faults} />
    </FormDialog>
  );
}
