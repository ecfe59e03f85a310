import type { Environment } from '@muster/api';
import { Checkbox } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { TypedName } from '../ui/typed-name.tsx';
import { paths } from '../paths.ts';
import { FormDialog } from '../ui/form-dialog.tsx';

/** Removes an environment from the server and from all nodes, after its name was typed. */
export function RemoveEnvironmentDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [force, setForce] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.removeEnvironment({ params: { environment: environment.id }, query: { force: force ? 'true' : 'false' } }),
    onSuccess: async () => {
      await navigate(paths.environments);
      await client.invalidateQueries({ queryKey: [liveKey] });
    },
  });
  return (
    <FormDialog
      title={`Remove ${environment.name}`}
      submitText="Remove environment"
      isDanger
      width="small"
      isPending={remove.isPending}
      isDisabled={typed.trim() !== environment.name}
      error={remove.error}
      errorTitle="Not removed"
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>It is removed from the server and from {environment.counts.nodes} nodes, with all its versions.</p>
      <Checkbox
        id="environment-force"
        label="Also under processes that still use it"
        isChecked={force}
        onChange={(_, isChecked) => setForce(isChecked)}
      />
      <TypedName label="Type its name to confirm" name={environment.name} value={typed} onChange={setTyped} />
    </FormDialog>
  );
}
