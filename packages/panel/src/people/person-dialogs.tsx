import type { Grant, Person, Session } from '@muster/api';
import { TextInput } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api } from '../api/client.ts';
import { peopleQuery } from '../api/people-queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';
import { TypedName } from '../ui/typed-name.tsx';
import { GrantFields } from './grant-fields.tsx';
import { InvitationDialog } from './invite-dialog.tsx';

type Props = { readonly person: Person; readonly session: Session; readonly onClose: () => void };

/** Changes something about an account and then shows everyone anew. */
function useChange<T>(change: () => Promise<T>, onDone?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: peopleQuery.queryKey });
      onDone?.();
    },
  });
}

/** Changes name, role, nodes and the permission to run commands. */
export function ChangePersonDialog({ person, session, onClose }: Props) {
  const [name, setName] = useState(person.name);
  const { role, groups, mayExec } = person;
  const [grant, setGrant] = useState<Grant>({ role, groups, mayExec });
  const change = useChange(() => api.changePerson({ params: { person: person.id }, body: { name: name.trim(), ...grant } }), onClose);
  return (
    <FormDialog
      title={`Change ${person.name}`}
      submitText="Save"
      isPending={change.isPending}
      isDisabled={name.trim() === ''}
      error={change.error}
      errorTitle="Not changed"
      onSubmit={() => change.mutate()}
      onClose={onClose}
    >
      <p>Whoever is changed is signed out everywhere.</p>
      <FormField id="person-name" label="Name" isRequired>
        {(control) => <TextInput {...control} value={name} autoComplete="off" onChange={(_, value) => setName(value)} />}
      </FormField>
      <GrantFields grant={grant} onGrant={setGrant} most={session} />
    </FormDialog>
  );
}

type AskProps = Pick<Props, 'onClose'> & {
  readonly title: string;
  readonly submitText: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly change: () => Promise<unknown>;
  readonly children: ReactNode;
};

function AskDialog({ title, submitText, isDanger = false, isDisabled = false, change, children, onClose }: AskProps) {
  const act = useChange(change, onClose);
  return (
    <FormDialog
      title={title}
      submitText={submitText}
      isDanger={isDanger}
      isDisabled={isDisabled}
      width="small"
      isPending={act.isPending}
      error={act.error}
      errorTitle="Nothing was changed"
      onSubmit={() => act.mutate()}
      onClose={onClose}
    >
      {children}
    </FormDialog>
  );
}

/** Shuts somebody out. */
export function DisableDialog({ person, onClose }: Props) {
  return (
    <AskDialog
      title={`Disable ${person.name}`}
      submitText="Disable"
      isDanger
      change={() => api.disablePerson({ params: { person: person.id } })}
      onClose={onClose}
    >
      <p>The sessions and keys of this account end at once. The account stays, and can be enabled again.</p>
    </AskDialog>
  );
}

/** Lets somebody in again. */
export function EnableDialog({ person, onClose }: Props) {
  return (
    <AskDialog
      title={`Enable ${person.name}`}
      submitText="Enable"
      change={() => api.enablePerson({ params: { person: person.id } })}
      onClose={onClose}
    >
      <p>The account works again as it did before.</p>
    </AskDialog>
  );
}

/** Removes an account, after its address was typed. */
export function RemovePersonDialog({ person, onClose }: Props) {
  const [typed, setTyped] = useState('');
  return (
    <AskDialog
      title={`Remove ${person.name}`}
      submitText="Remove account"
      isDanger
      isDisabled={typed.trim() !== person.email}
      change={() => api.removePerson({ params: { person: person.id } })}
      onClose={onClose}
    >
      <p>The account goes with its sessions and keys. What was done with it stays in the audit log.</p>
      <TypedName label="Type the e-mail address to confirm" name={person.email} value={typed} onChange={setTyped} />
    </AskDialog>
  );
}

type LinkProps = Pick<Props, 'person' | 'onClose'> & { readonly reset: boolean; readonly title: string; readonly children: ReactNode };

function MakeLinkDialog({ person, onClose, reset, title, children }: LinkProps) {
  const make = useChange(() => api.makeInvitation({ params: { person: person.id }, body: { reset } }));
  if (make.isSuccess) return <InvitationDialog invitation={make.data} onClose={onClose} />;
  return (
    <FormDialog
      title={title}
      submitText="Make the link"
      isDanger={reset}
      width="small"
      isPending={make.isPending}
      error={make.error}
      errorTitle="No link was made"
      onSubmit={() => make.mutate()}
      onClose={onClose}
    >
      {children}
    </FormDialog>
  );
}

/** Makes a new link for somebody to come in. */
export function LinkDialog({ person, onClose }: Props) {
  return (
    <MakeLinkDialog person={person} onClose={onClose} reset={false} title={`New link for ${person.name}`}>
      <p>Earlier links end. Password and second factor stay.</p>
    </MakeLinkDialog>
  );
}

/** For someone who lost password or second factor. */
export function ResetDialog({ person, onClose }: Props) {
  return (
    <MakeLinkDialog person={person} onClose={onClose} reset title={`Reset ${person.name}`}>
      <p>Password and second factor are forgotten and every session ends. The account is used again with the link you get.</p>
    </MakeLinkDialog>
  );
}
