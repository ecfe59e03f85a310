import type { NotificationTest, Subscription } from '@muster/api';
import { Button } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useMutation } from '@tanstack/react-query';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { TestResult } from './test-result.tsx';
import { wantedText } from './wanted-text.ts';

type Props = {
  readonly subscriptions: readonly Subscription[];
  readonly onRemove: (id: string) => Promise<unknown>;
  /** Sends a test; not for everybody. */
  readonly onTest?: (id: string) => Promise<NotificationTest>;
};

/** Who is told of what. */
export function SubscriptionsTable({ subscriptions, onRemove, onTest }: Props) {
  const remove = useMutation({ mutationFn: onRemove });
  const test = useMutation({ mutationFn: async (id: string) => (onTest === undefined ? null : onTest(id)) });
  return (
    <>
      {remove.isError && <ProblemAlert error={remove.error} title="Not removed" />}
      <TestResult result={test.data ?? null} error={test.error} />
      <Table aria-label="Subscriptions" variant="compact" gridBreakPoint="grid-md" className="mp-table">
        <Thead>
          <Tr>
            <Th width={30}>To</Th>
            <Th width={45}>What</Th>
            <Th screenReaderText="Actions" />
          </Tr>
        </Thead>
        <Tbody>
          {subscriptions.map((one) => {
            const to = one.target.kind === 'email' ? one.target.address : one.target.name;
            return (
              <Tr key={one.id}>
                <Td dataLabel="To" className="mp-break">
                  {to}
                  <span className="mp-under mp-quiet">{one.target.kind === 'email' ? 'e-mail' : 'webhook'}</span>
                </Td>
                <Td dataLabel="What" className="mp-break">
                  {wantedText(one)}
                </Td>
                <Td>
                  <span className="mp-buttons">
                    {onTest !== undefined && (
                      <Button variant="secondary" size="sm" aria-label={`Test what goes to ${to}`} onClick={() => test.mutate(one.id)}>
                        Test
                      </Button>
                    )}
                    <Button
                      variant="secondary"
                      size="sm"
                      isDanger
                      aria-label={`Remove what goes to ${to}`}
                      onClick={() => remove.mutate(one.id)}
                    >
                      Remove
                    </Button>
                  </span>
                </Td>
              </Tr>
            );
          })}
        </Tbody>
      </Table>
    </>
  );
}
