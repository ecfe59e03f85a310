import type { Environment } from '@muster/api';
import { TextInput } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';
import { environmentFaultsOfError } from './environment-form.ts';

/** Creates another environment of the same definition. */
export function CloneEnvironmentDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const clone = useMutation({
    mutationFn: () => api.cloneEnvironment({ params: { environment: environment.id }, body: { name: name.trim() } }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: [liveKey] });
      onClose();
      await navigate(paths.environment(made.name));
    },
  });
  const { name: fault } = environmentFaultsOfError(clone.error);
  return (
    <FormDialog
      title={`Clone ${environment.name}`}
      submitText="Clone"
      width="small"
      isPending={clone.isPending}
      isDisabled={name.trim() === ''}
      error={fault === undefined ? clone.error : null}
      errorTitle="Not cloned"
      onSubmit={() => clone.mutate()}
      onClose={onClose}
    >
      <FormField id="clone-name" label="Name of the clone" fault={fault} isRequired>
        {(control) => <TextInput {...control} value={name} autoComplete="off" spellCheck={false} onChange={(_, value) => setName(value)} />}
      </FormField>
    </FormDialog>
  );
}
