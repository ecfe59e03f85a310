import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { twoFactorQuery } from '../api/people-queries.ts';
import { sessionQuery } from '../api/queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { CodeField, OwnPasswordField } from './proof-fields.tsx';

/** Does without the second factor again. */
export function DisableTwoFactorDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const disable = useMutation({
    mutationFn: () => api.disableTwoFactor({ body: { password, code: code.trim() } }),
    onSuccess: (state) => {
      client.setQueryData(twoFactorQuery.queryKey, state);
      void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title="Turn the second factor off"
      submitText="Turn off"
      isDanger
      width="small"
      isPending={disable.isPending}
      isDisabled={password === '' || code.trim().length < 6}
      error={disable.error}
      errorTitle="It is still on"
      onSubmit={() => disable.mutate()}
      onClose={onClose}
    >
      <OwnPasswordField value={password} onChange={setPassword} />
      <CodeField value={code} onChange={setCode} />
    </FormDialog>
  );
}
