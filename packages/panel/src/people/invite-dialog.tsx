import type { Grant, Invitation, Session } from '@muster/api';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { peopleQuery } from '../api/people-queries.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';
import { Moment } from '../ui/moment.tsx';
import { GrantFields } from './grant-fields.tsx';

/** Makes an account, and shows the link by which its person comes in. */
export function InviteDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const client = useQueryClient();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [grant, setGrant] = useState<Grant>({ role: 'viewer', groups: session.groups, mayExec: false });
  const invite = useMutation({
    mutationFn: () => api.invitePerson({ body: { email: email.trim(), ...grant, ...(name.trim() === '' ? {} : { name: name.trim() }) } }),
    onSuccess: () => client.invalidateQueries({ queryKey: peopleQuery.queryKey }),
  });
  if (invite.isSuccess) return <InvitationDialog invitation={invite.data} onClose={onClose} />;
  return (
    <FormDialog
      title="Invite somebody"
      submitText="Make the link"
      isPending={invite.isPending}
      isDisabled={!email.includes('@')}
      error={invite.error}
      errorTitle="Nobody was invited"
      onSubmit={() => invite.mutate()}
      onClose={onClose}
    >
      <FormField id="invite-email" label="E-mail" isRequired>
        {(control) => <TextInput {...control} type="email" value={email} autoComplete="off" onChange={(_, value) => setEmail(value)} />}
      </FormField>
      <FormField id="invite-name" label="Name">
        {(control) => <TextInput {...control} value={name} autoComplete="off" onChange={(_, value) => setName(value)} />}
      </FormField>
      <GrantFields grant={grant} onGrant={setGrant} most={session} />
    </FormDialog>
  );
}

/** Shows a link by which somebody comes in once. It is not shown again. */
export function InvitationDialog({ invitation: { person, url, expiresAt }, onClose }: { invitation: Invitation; onClose: () => void }) {
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="invitation-title">
      <ModalHeader title={`Link for ${person.name}`} labelId="invitation-title" />
      <ModalBody className="mp-stack">
        <p>
          Give it to nobody else: it signs in once, until <Moment at={expiresAt} />, and is not shown again.
        </p>
        <CopyBlock label="Link to sign in" text={url} />
      </ModalBody>
      <ModalFooter>
        <Button variant="primary" onClick={onClose}>
          Close
        </Button>
      </ModalFooter>
    </Modal>
  );
}
