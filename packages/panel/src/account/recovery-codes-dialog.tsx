import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { twoFactorQuery } from '../api/people-queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { OwnPasswordField } from './proof-fields.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

/** Makes new recovery codes in place of the earlier ones. */
export function RecoveryCodesDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const make = useMutation({
    mutationFn: () => api.makeRecoveryCodes({ body: { password } }),
    onSuccess: () => client.invalidateQueries({ queryKey: twoFactorQuery.queryKey }),
  });
  if (make.isSuccess) {
    return (
      <Modal isOpen variant="small" onClose={onClose} aria-labelledby="recovery-codes">
        <ModalHeader title="New recovery codes" labelId="recovery-codes" />
        <ModalBody className="mp-stack">
          <RecoveryCodes codes={make.data.recoveryCodes} />
        </ModalBody>
        <ModalFooter>
          <Button variant="primary" onClick={onClose}>
            I keep them
          </Button>
        </ModalFooter>
      </Modal>
    );
  }
  return (
    <FormDialog
      title="New recovery codes"
      submitText="Make new codes"
      width="small"
      isPending={make.isPending}
      isDisabled={password === ''}
      error={make.error}
      errorTitle="No codes were made"
      onSubmit={() => make.mutate()}
      onClose={onClose}
    >
      <p>The earlier ones end.</p>
      <OwnPasswordField value={password} onChange={setPassword} />
    </FormDialog>
  );
}
