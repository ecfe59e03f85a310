import { Button, Form, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { api } from '../api/client.ts';
import { sessionQuery } from '../api/queries.ts';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { PasswordField } from './password-field.tsx';
import { passwordFaults, shortestPassword, type PasswordFields } from './password-rules.ts';
import { Notice } from '../ui/notice.tsx';

const formId = 'set-password';
const empty: PasswordFields = { current: '', next: '', repeated: '' };

function useSetPassword(hasPassword: boolean) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ current, next }: PasswordFields) =>
      api.setPassword({ body: hasPassword ? { newPassword: next, currentPassword: current } : { newPassword: next } }),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
}

/** Sets the password of whoever came by a one-time link, or changes the one they have. */
export function SetPasswordDialog({ hasPassword, onClose }: { hasPassword: boolean; onClose: () => void }) {
  // Setting a first password turns `hasPassword` round while the dialog still shows the result.
  const [hadPassword] = useState(hasPassword);
  const [fields, setFields] = useState(empty);
  const [isChecked, setIsChecked] = useState(false);
  const setPassword = useSetPassword(hadPassword);
  const faults = passwordFaults(fields, hadPassword);
  const shown = isChecked ? faults : {};
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setIsChecked(true);
    if (Object.keys(faults).length === 0) setPassword.mutate(fields);
  };
  const field = (name: keyof PasswordFields) => (value: string) => setFields({ ...fields, [name]: value });
  const title = hadPassword ? 'Change password' : 'Set password';

  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="set-password-title">
      <ModalHeader title={title} labelId="set-password-title" />
      <ModalBody>
        {setPassword.isSuccess ? (
          <Notice variant="success" isInline title="The new password is in force" role="status" />
        ) : (
          <Form id={formId} onSubmit={submit} noValidate>
            {setPassword.isError && <ProblemAlert error={setPassword.error} title="The password was not changed" />}
            {hadPassword && (
              <PasswordField
                id="current-password"
                label="Current password"
                autoComplete="current-password"
                value={fields.current}
                fault={shown.current}
                onChange={field('current')}
              />
            )}
            <PasswordField
              id="new-password"
              label="New password"
              autoComplete="new-password"
              hint={`At least ${shortestPassword} characters; length counts for more than signs.`}
              value={fields.next}
              fault={shown.next}
              onChange={field('next')}
            />
            <PasswordField
              id="repeated-password"
              label="New password again"
              autoComplete="new-password"
              value={fields.repeated}
              fault={shown.repeated}
              onChange={field('repeated')}
            />
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        {setPassword.isSuccess ? (
          <Button variant="primary" onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button type="submit" form={formId} variant="primary" isLoading={setPassword.isPending} isDisabled={setPassword.isPending}>
              {title}
            </Button>
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
          </>
        )}
      </ModalFooter>
    </Modal>
  );
}
