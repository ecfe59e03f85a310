import { Button, Card, CardBody, CardHeader, CardTitle } from '@patternfly/react-core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { subscriptionsQuery } from '../api/notification-queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { SubscriptionsTable } from './subscriptions-table.tsx';
import { usualWanted, WantedFields, wantedOf } from './wanted-fields.tsx';

/** What whoever is signed in is told of by e-mail. */
export function OwnSubscriptionsCard() {
  const client = useQueryClient();
  const { data, error } = useQuery(subscriptionsQuery);
  const [isAdding, setIsAdding] = useState(false);
  const canMail = data?.canMail;
  const own = data?.items.filter((one) => one.own) ?? [];
  const remove = async (id: string) => {
    await api.unsubscribe({ params: { id } });
    await client.invalidateQueries({ queryKey: subscriptionsQuery.queryKey });
  };
  return (
    <Card component="section" aria-labelledby="own-subscriptions">
      <CardHeader
        actions={{
          actions: (
            <Button variant="secondary" size="sm" isDisabled={canMail !== true} onClick={() => setIsAdding(true)}>
              Tell me of events
            </Button>
          ),
        }}
      >
        <CardTitle component="h2" id="own-subscriptions">
          E-mail
        </CardTitle>
      </CardHeader>
      <CardBody className="mp-stack">
        {error !== null && <ProblemAlert error={error} />}
        {canMail === false && (
          <p className="mp-quiet">
            This server cannot send e-mail: its configuration has no section <code>mail</code>.
          </p>
        )}
        {canMail === true && own.length === 0 && <p className="mp-quiet">You are told of nothing.</p>}
        {own.length > 0 && <SubscriptionsTable subscriptions={own} onRemove={remove} />}
      </CardBody>
      {isAdding && <SubscribeDialog onClose={() => setIsAdding(false)} />}
    </Card>
  );
}

function SubscribeDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [wanted, setWanted] = useState(usualWanted);
  const add = useMutation({
    mutationFn: () => api.subscribe({ body: wantedOf(wanted) }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: subscriptionsQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title="Tell me of events"
      description="By e-mail, at the address of your account."
      submitText="Tell me"
      isPending={add.isPending}
      error={add.error}
      errorTitle="Not added"
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <WantedFields wanted={wanted} onWanted={setWanted} />
    </FormDialog>
  );
}
