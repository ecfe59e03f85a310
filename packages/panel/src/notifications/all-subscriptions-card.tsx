import { Button, Card, CardBody, CardHeader, CardTitle, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { subscriptionsQuery, webhooksQuery } from '../api/notification-queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { SubscriptionsTable } from './subscriptions-table.tsx';
import { usualWanted, WantedFields, wantedOf } from './wanted-fields.tsx';

/** Who is told of what. */
export function AllSubscriptionsCard() {
  const client = useQueryClient();
  const { data, error } = useQuery(subscriptionsQuery);
  const [isAdding, setIsAdding] = useState(false);
  const remove = async (id: string) => {
    await api.removeSubscription({ params: { id } });
    await client.invalidateQueries({ queryKey: subscriptionsQuery.queryKey });
  };
  return (
    <Card component="section" aria-labelledby="all-subscriptions">
      <CardHeader
        actions={{
          actions: (
            <Button variant="secondary" size="sm" onClick={() => setIsAdding(true)}>
              Add subscription
            </Button>
          ),
        }}
      >
        <CardTitle component="h2" id="all-subscriptions">
          Who is told of what
        </CardTitle>
      </CardHeader>
      <CardBody className="mp-stack">
        {error !== null && <ProblemAlert error={error} />}
        {data?.items.length === 0 && <p className="mp-quiet">Nobody is told of anything.</p>}
        {data !== undefined && data.items.length > 0 && (
          <SubscriptionsTable subscriptions={data.items} onRemove={remove} onTest={(id) => api.testSubscription({ params: { id } })} />
        )}
      </CardBody>
      {isAdding && <AddDialog canMail={data?.canMail === true} onClose={() => setIsAdding(false)} />}
    </Card>
  );
}

const email = 'email';

function AddDialog({ canMail, onClose }: { canMail: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const { data: webhooks } = useQuery(webhooksQuery);
  const [to, setTo] = useState('');
  const [address, setAddress] = useState('');
  const [wanted, setWanted] = useState(usualWanted);
  const add = useMutation({
    mutationFn: () =>
      api.addSubscription({
        body: { target: to === email ? { kind: 'email', address: address.trim() } : { kind: 'webhook', webhook: to }, ...wantedOf(wanted) },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: subscriptionsQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title="Add subscription"
      submitText="Add subscription"
      isPending={add.isPending}
      isDisabled={to === '' || (to === email && !address.includes('@'))}
      error={add.error}
      errorTitle="Not added"
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <FormField id="subscription-to" label="To" isRequired>
        {(control) => (
          <FormSelect {...control} value={to} onChange={(_, value) => setTo(value)}>
            <FormSelectOption value="" label="Choose" isPlaceholder />
            {canMail && <FormSelectOption value={email} label="An e-mail address" />}
            {webhooks?.items.map(({ id, name }) => (
              <FormSelectOption key={id} value={id} label={`Webhook ${name}`} />
            ))}
          </FormSelect>
        )}
      </FormField>
      {to === email && (
        <FormField id="subscription-address" label="E-mail address" isRequired>
          {(control) => (
            <TextInput {...control} type="email" value={address} autoComplete="off" onChange={(_, value) => setAddress(value)} />
          )}
        </FormField>
      )}
      <WantedFields wanted={wanted} onWanted={setWanted} />
    </FormDialog>
  );
}
