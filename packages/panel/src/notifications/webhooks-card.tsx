import type { Webhook } from '@muster/api';
import { Button, Card, CardBody, CardHeader, CardTitle, Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { webhooksQuery } from '../api/notification-queries.ts';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { printable } from '../ui/printable.ts';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { TestResult } from './test-result.tsx';
import { AddWebhookDialog, RemoveWebhookDialog, RenewSecretDialog } from './webhook-dialogs.tsx';

const states = {
  working: { text: 'Working', color: 'green' },
  failing: { text: 'Failing', color: 'orange' },
  disabled: { text: 'Disabled', color: 'red' },
} as const satisfies Record<Webhook['state'], { text: string; color: 'green' | 'orange' | 'red' }>;

/** Programs that are told of events. */
export function WebhooksCard() {
  const { data, error } = useQuery(webhooksQuery);
  const [isAdding, setIsAdding] = useState(false);
  return (
    <Card component="section" aria-labelledby="webhooks">
      <CardHeader
        actions={{
          actions: (
            <Button variant="secondary" size="sm" onClick={() => setIsAdding(true)}>
              Add webhook
            </Button>
          ),
        }}
      >
        <CardTitle component="h2" id="webhooks">
          Webhooks
        </CardTitle>
      </CardHeader>
      <CardBody className="mp-stack">
        {error !== null && <ProblemAlert error={error} />}
        {data?.items.length === 0 && <p className="mp-quiet">No program is told of events.</p>}
        {data !== undefined && data.items.length > 0 && <WebhooksTable webhooks={data.items} />}
      </CardBody>
      {isAdding && <AddWebhookDialog onClose={() => setIsAdding(false)} />}
    </Card>
  );
}

function WebhooksTable({ webhooks }: { webhooks: readonly Webhook[] }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState<{ webhook: Webhook; what: 'remove' | 'renew' } | null>(null);
  const test = useMutation({ mutationFn: (webhook: string) => api.testWebhook({ params: { webhook } }) });
  const enable = useMutation({
    mutationFn: (webhook: string) => api.enableWebhook({ params: { webhook } }),
    onSuccess: () => client.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  });
  return (
    <>
      {enable.isError && <ProblemAlert error={enable.error} title="Not enabled" />}
      <TestResult result={test.data ?? null} error={test.error} />
      <Table aria-label="Webhooks" variant="compact" gridBreakPoint="grid-md" className="mp-table">
        <Thead>
          <Tr>
            <Th width={35}>Name</Th>
            <Th width={25}>State</Th>
            <Th>Last delivery</Th>
            <Th screenReaderText="Actions" />
          </Tr>
        </Thead>
        <Tbody>
          {webhooks.map((webhook) => (
            <Tr key={webhook.id}>
              <Td dataLabel="Name" className="mp-break">
                {webhook.name}
                <span className="mp-under mp-quiet">{webhook.url}</span>
              </Td>
              <Td dataLabel="State" className="mp-break">
                <Label isCompact variant="outline" color={states[webhook.state].color}>
                  {states[webhook.state].text}
                </Label>
                {webhook.waiting > 0 && <span className="mp-under mp-quiet">{webhook.waiting} wait</span>}
                {webhook.lastError !== null && <span className="mp-under">{printable(webhook.lastError)}</span>}
              </Td>
              <Td dataLabel="Last delivery">
                {webhook.lastDeliveredAt === null ? <NotKnown because="none yet" /> : <Moment at={webhook.lastDeliveredAt} />}
              </Td>
              <Td>
                <span className="mp-buttons">
                  <Button variant="secondary" size="sm" aria-label={`Test ${webhook.name}`} onClick={() => test.mutate(webhook.id)}>
                    Test
                  </Button>
                  {webhook.state === 'disabled' && (
                    <Button variant="secondary" size="sm" aria-label={`Enable ${webhook.name}`} onClick={() => enable.mutate(webhook.id)}>
                      Enable
                    </Button>
                  )}
                  <Button
                    variant="secondary"
                    size="sm"
                    aria-label={`New secret for ${webhook.name}`}
                    onClick={() => setAsked({ webhook, what: 'renew' })}
                  >
                    New secret
                  </Button>
                  <Button
                    variant="secondary"
                    size="sm"
                    isDanger
                    aria-label={`Remove ${webhook.name}`}
                    onClick={() => setAsked({ webhook, what: 'remove' })}
                  >
                    Remove
                  </Button>
                </span>
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {asked?.what === 'remove' && <RemoveWebhookDialog webhook={asked.webhook} onClose={() => setAsked(null)} />}
      {asked?.what === 'renew' && <RenewSecretDialog webhook={asked.webhook} onClose={() => setAsked(null)} />}
    </>
  );
}
