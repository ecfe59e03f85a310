import type { Node } from '@muster/api';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { nodeTasksQuery } from '../api/operation-queries.ts';
import { TasksTable } from '../operations/tasks-table.tsx';
import { Pager, pagerRows } from '../ui/pager.tsx';
import { Unanswered } from '../ui/unanswered.tsx';
import '../operations/operations.css';

/** What was asked of a node, newest first. */
export function TasksTab({ node }: { node: Node }) {
  const [offset, setOffset] = useState(0);
  const { data, error, failureReason } = useQuery({
    ...nodeTasksQuery(node.id, { limit: pagerRows, offset }),
    placeholderData: keepPreviousData,
  });
  return (
    <section aria-label="Tasks">
      <Pager label="Pages of tasks" total={data?.total ?? 0} offset={offset} onOffset={setOffset} />
      <Unanswered data={data} error={error} failureReason={failureReason} label="Loading the tasks" />
      {data?.items.length === 0 && <p className="mp-quiet">Nothing was asked of this node yet.</p>}
      {data !== undefined && data.items.length > 0 && <TasksTable tasks={data.items} shows="operations" />}
    </section>
  );
}
