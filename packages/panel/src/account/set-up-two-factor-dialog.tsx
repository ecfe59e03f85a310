import type { TwoFactorSetup } from '@muster/api';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { twoFactorQuery } from '../api/people-queries.ts';
import { sessionQuery } from '../api/queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { CodeField, OwnPasswordField } from './proof-fields.tsx';
import { QrCode } from './qr-code.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

/** Sets a second factor up: password, QR code and a code of it, recovery codes. */
export function SetUpTwoFactorDialog({ onClose }: { onClose: () => void }) {
  const [password, setPassword] = useState('');
  const [isDone, setIsDone] = useState(false);
  const start = useMutation({ mutationFn: () => api.startTwoFactor({ body: { password } }) });
  if (isDone && start.data !== undefined) return <DoneDialog codes={start.data.recoveryCodes} onClose={onClose} />;
  if (start.data !== undefined) return <VerifyDialog setup={start.data} onDone={() => setIsDone(true)} onClose={onClose} />;
  return (
    <FormDialog
      title="Set up second factor"
      submitText="Go on"
      width="small"
      isPending={start.isPending}
      isDisabled={password === ''}
      error={start.error}
      errorTitle="Not begun"
      onSubmit={() => start.mutate()}
      onClose={onClose}
    >
      <p>You need an authenticator: a program on your telephone that shows six digits every half minute.</p>
      <OwnPasswordField value={password} onChange={setPassword} />
    </FormDialog>
  );
}

type VerifyProps = { readonly setup: TwoFactorSetup; readonly onDone: () => void; readonly onClose: () => void };

function VerifyDialog({ setup, onDone, onClose }: VerifyProps) {
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const verify = useMutation({
    mutationFn: () => api.verifyTwoFactor({ body: { code: code.trim() } }),
    onSuccess: (state) => {
      client.setQueryData(twoFactorQuery.queryKey, state);
      void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      onDone();
    },
  });
  return (
    <FormDialog
      title="Set up second factor"
      submitText="Turn on"
      width="small"
      isPending={verify.isPending}
      isDisabled={code.trim().length < 6}
      error={verify.error}
      errorTitle="Not turned on"
      onSubmit={() => verify.mutate()}
      onClose={onClose}
    >
      <p>Scan this with your authenticator, or type the secret in. Then enter the code that it shows.</p>
      <QrCode text={setup.uri} label="QR code with the secret for your authenticator" />
      <code className="mp-secret">{setup.secret.replaceAll(/(.{4})(?=.)/gu, '$1 ')}</code>
      <CodeField value={code} onChange={setCode} hint="Six digits of your authenticator." />
    </FormDialog>
  );
}

function DoneDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="two-factor-done">
      <ModalHeader title="The second factor is on" labelId="two-factor-done" />
      <ModalBody className="mp-stack">
        <RecoveryCodes codes={codes} />
      </ModalBody>
      <ModalFooter>
        <Button variant="primary" onClick={onClose}>
          I keep them
        </Button>
      </ModalFooter>
    </Modal>
  );
}
