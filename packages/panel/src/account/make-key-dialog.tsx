import { maxKeyDays, type Grant, type NewApiKey, type Session } from '@muster/api';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { allKeysQuery, ownKeysQuery } from '../api/people-queries.ts';
import { GrantFields } from '../people/grant-fields.tsx';
import { CopyBlock } from '../ui/copy-block.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';
import { Moment } from '../ui/moment.tsx';

const isDays = (text: string): boolean => /^\d{1,3}$/u.test(text) && Number(text) >= 1 && Number(text) <= maxKeyDays;

/** Makes a key that can do no more than its maker, and shows it once. */
export function MakeKeyDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [grant, setGrant] = useState<Grant>({ role: 'viewer', groups: session.groups, mayExec: false });
  const make = useMutation({
    mutationFn: () => api.makeKey({ body: { name: name.trim(), expiresInDays: Number(days), ...grant } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ownKeysQuery.queryKey });
      void client.invalidateQueries({ queryKey: allKeysQuery.queryKey });
    },
  });
  if (make.isSuccess) return <NewKeyDialog made={make.data} onClose={onClose} />;
  return (
    <FormDialog
      title="Make a key"
      submitText="Make key"
      isPending={make.isPending}
      isDisabled={name.trim() === '' || !isDays(days)}
      error={make.error}
      errorTitle="No key was made"
      onSubmit={() => make.mutate()}
      onClose={onClose}
    >
      <FormField id="key-name" label="Name" hint="What it is for." isRequired>
        {(control) => <TextInput {...control} value={name} maxLength={100} autoComplete="off" onChange={(_, value) => setName(value)} />}
      </FormField>
      <FormField
        id="key-days"
        label="Days until it ends"
        fault={isDays(days) ? undefined : `A whole number from 1 to ${maxKeyDays}.`}
        isRequired
      >
        {(control) => <TextInput {...control} inputMode="numeric" value={days} onChange={(_, value) => setDays(value)} />}
      </FormField>
      <GrantFields grant={grant} onGrant={setGrant} most={session} />
    </FormDialog>
  );
}

function NewKeyDialog({ made: { key, secret }, onClose }: { made: NewApiKey; onClose: () => void }) {
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="new-key">
      <ModalHeader title={`The key ${key.name}`} labelId="new-key" />
      <ModalBody className="mp-stack">
        <p>
          It works until <Moment at={key.expiresAt} isDateOnly /> and is <strong>not shown again</strong>. Programs send it as{' '}
          <code>Authorization: Bearer …</code>
        </p>
        <CopyBlock label="API key" text={secret} />
      </ModalBody>
      <ModalFooter>
        <Button variant="primary" onClick={onClose}>
          I keep it
        </Button>
      </ModalFooter>
    </Modal>
  );
}
