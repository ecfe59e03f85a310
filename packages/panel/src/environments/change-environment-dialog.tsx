import type { Environment, EnvironmentReplace } from '@muster/api';
import { TextInput } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';
import { DefinitionFields } from './definition-fields.tsx';
import { environmentFaultsOfError, environmentOf, fieldsOfDefinition } from './environment-form.ts';

/** Changes an environment; another definition is a new version, which the nodes build beside the old one. */
export function ChangeEnvironmentDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const client = useQueryClient();
  // As it was when the dialog was opened: its version guards against changes by others meanwhile.
  const [shown] = useState(environment);
  const [fields, setFields] = useState(() => ({
    ...fieldsOfDefinition(shown.definition),
    name: shown.name,
    description: shown.description,
    selector: shown.selector ?? '',
  }));
  const change = useMutation({
    mutationFn: (body: EnvironmentReplace) => api.replaceEnvironment({ params: { environment: shown.id }, body }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [liveKey] });
      onClose();
    },
  });
  const made = environmentOf(fields);
  const found = environmentFaultsOfError(change.error);
  const faults = { ...found, ...('faults' in made ? made.faults : {}) };
  const submit = () => {
    if (!('body' in made)) return;
    const { definition, selector = null, description = '' } = made.body;
    change.mutate({ definition, selector, description, version: shown.version });
  };
  return (
    <FormDialog
      title={`Change ${shown.name}`}
      submitText="Save"
      isPending={change.isPending}
      error={Object.keys(found).length > 0 ? null : change.error}
      errorTitle="Not changed"
      onSubmit={submit}
      onClose={onClose}
    >
      <FormField id="environment-selector" label="For which nodes" hint="A node range; empty for all nodes." fault={faults.selector}>
        {(control) => (
          <TextInput
            {...control}
            value={fields.selector}
            spellCheck={false}
            onChange={(_, selector) => setFields({ ...fields, selector })}
          />
        )}
      </FormField>
      <FormField id="environment-description" label="Description" fault={faults.description}>
        {(control) => (
          <TextInput {...control} value={fields.description} onChange={(_, description) => setFields({ ...fields, description })} />
        )}
      </FormField>
      <DefinitionFields fields={fields} faults={faults} onFields={setFields} isKindFixed />
    </FormDialog>
  );
}
