import type { Webhook, WebhookSecret } from '@muster/api';
import { WebhookCreate } from '@muster/api';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { subscriptionsQuery, webhooksQuery } from '../api/notification-queries.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';

/** Adds a webhook and shows its secret once. */
export function AddWebhookDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const parsed = WebhookCreate.safeParse({ name: name.trim(), url: url.trim() });
  const add = useMutation({
    mutationFn: (body: WebhookCreate) => api.addWebhook({ body }),
    onSuccess: () => client.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  });
  if (add.isSuccess) return <SecretDialog made={add.data} onClose={onClose} />;
  const faultOf = (field: string) => (isChecked ? parsed.error?.issues.find(({ path }) => path[0] === field)?.message : undefined);
  const submit = () => {
    setIsChecked(true);
    if (parsed.success) add.mutate(parsed.data);
  };
  return (
    <FormDialog
      title="Add webhook"
      submitText="Add webhook"
      isPending={add.isPending}
      error={add.error}
      errorTitle="Not added"
      onSubmit={submit}
      onClose={onClose}
    >
      <FormField id="webhook-name" label="Name" fault={faultOf('name')} isRequired>
        {(control) => <TextInput {...control} value={name} autoComplete="off" spellCheck={false} onChange={(_, value) => setName(value)} />}
      </FormField>
      <FormField id="webhook-url" label="Address" hint="https://HOST/PATH; each delivery is signed." fault={faultOf('url')} isRequired>
        {(control) => <TextInput {...control} type="url" value={url} autoComplete="off" onChange={(_, value) => setUrl(value)} />}
      </FormField>
    </FormDialog>
  );
}

/** Shows the secret with which deliveries are signed. */
function SecretDialog({ made: { webhook, secret }, onClose }: { made: WebhookSecret; onClose: () => void }) {
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="webhook-secret">
      <ModalHeader title={`Secret of ${webhook.name}`} labelId="webhook-secret" />
      <ModalBody className="mp-stack">
        <p>
          Deliveries are signed with it. It is <strong>not shown again</strong>.
        </p>
        <CopyBlock label="Secret" text={secret} />
      </ModalBody>
      <ModalFooter>
        <Button variant="primary" onClick={onClose}>
          I keep it
        </Button>
      </ModalFooter>
    </Modal>
  );
}

type Props = { readonly webhook: Webhook; readonly onClose: () => void };

/** Makes a new secret in place of the old one. */
export function RenewSecretDialog({ webhook, onClose }: Props) {
  const renew = useMutation({ mutationFn: () => api.renewWebhookSecret({ params: { webhook: webhook.id } }) });
  if (renew.isSuccess) return <SecretDialog made={renew.data} onClose={onClose} />;
  return (
    <FormDialog
      title={`New secret for ${webhook.name}`}
      submitText="Make a new secret"
      isDanger
      width="small"
      isPending={renew.isPending}
      error={renew.error}
      errorTitle="No secret was made"
      onSubmit={() => renew.mutate()}
      onClose={onClose}
    >
      <p>The old one ends at once: whoever checks signatures needs the new one.</p>
    </FormDialog>
  );
}

/** Removes a webhook with its subscriptions. */
export function RemoveWebhookDialog({ webhook, onClose }: Props) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.removeWebhook({ params: { webhook: webhook.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: webhooksQuery.queryKey });
      void client.invalidateQueries({ queryKey: subscriptionsQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title={`Remove ${webhook.name}`}
      submitText="Remove webhook"
      isDanger
      width="small"
      isPending={remove.isPending}
      error={remove.error}
      errorTitle="Not removed"
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>Its subscriptions go with it, and what waits to be sent is not sent any more.</p>
    </FormDialog>
  );
}
