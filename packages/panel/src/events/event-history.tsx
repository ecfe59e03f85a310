import { Button } from '@patternfly/react-core';
import { Loading } from '../ui/loading.tsx';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { EventsTable } from './events-table.tsx';
import { useEvents } from './use-events.ts';

/** Events of a node (by id), or of all, with the way to older ones. */
export function EventHistory({ node }: { node?: string }) {
  const { history, loadOlder } = useEvents(node);
  const { data, error, failureReason } = history;
  if (data === undefined) {
    const problem = error ?? failureReason;
    return problem === null ? <Loading label="Loading the events" /> : <ProblemAlert error={problem} />;
  }
  if (data.items.length === 0) return <p className="mp-quiet">Nothing happened yet.</p>;
  const oldest = data.items.at(-1)?.id;
  return (
    <>
      <EventsTable events={data.items} hasNodes={node === undefined} />
      {loadOlder.isError && <ProblemAlert error={loadOlder.error} title="Older events could not be loaded" />}
      {!data.isComplete && oldest !== undefined && (
        <Button variant="link" isLoading={loadOlder.isPending} isDisabled={loadOlder.isPending} onClick={() => loadOlder.mutate(oldest)}>
          Load older events
        </Button>
      )}
    </>
  );
}
