import type { EnvironmentCreate } from '@muster/api';
import { TextInput } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';
import { DefinitionFields } from './definition-fields.tsx';
import { emptyEnvironment, environmentFaultsOfError, environmentOf } from './environment-form.ts';

/** Creates an environment; its nodes begin to build it at once. */
export function CreateEnvironmentDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [fields, setFields] = useState(emptyEnvironment);
  const [isChecked, setIsChecked] = useState(false);
  const create = useMutation({
    mutationFn: (body: EnvironmentCreate) => api.createEnvironment({ body }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: [liveKey] });
      await navigate(paths.environment(made.name));
    },
  });
  const made = environmentOf(fields);
  const found = environmentFaultsOfError(create.error);
  const faults = { ...found, ...(isChecked && 'faults' in made ? made.faults : {}) };
  const submit = () => {
    setIsChecked(true);
    if ('body' in made) create.mutate(made.body);
  };
  const change = (next: typeof fields) => {
    setFields(next);
    if (create.isError) create.reset();
  };
  return (
    <FormDialog
      title="Create environment"
      submitText="Create environment"
      isPending={create.isPending}
      error={Object.keys(found).length > 0 ? null : create.error}
      errorTitle="The environment was not created"
      onSubmit={submit}
      onClose={onClose}
    >
      <FormField id="environment-name" label="Name" hint="Also the name of its folder on every node." fault={faults.name} isRequired>
        {(control) => (
          <TextInput
            {...control}
            value={fields.name}
            autoComplete="off"
            spellCheck={false}
            onChange={(_, name) => change({ ...fields, name })}
          />
        )}
      </FormField>
      <FormField id="environment-selector" label="For which nodes" hint="A node range; empty for all nodes." fault={faults.selector}>
        {(control) => (
          <TextInput
            {...control}
            value={fields.selector}
            autoComplete="off"
            spellCheck={false}
            onChange={(_, selector) => change({ ...fields, selector })}
          />
        )}
      </FormField>
      <FormField id="environment-description" label="Description" fault={faults.description}>
        {(control) => (
          <TextInput {...control} value={fields.description} onChange={(_, description) => change({ ...fields, description })} />
        )}
      </FormField>
      <DefinitionFields fields={fields} faults={faults} onFields={change} />
    </FormDialog>
  );
}
