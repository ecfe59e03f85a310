import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { operationTasksQuery } from '../api/operation-queries.ts';
import { FilterSelect } from '../ui/filter-select.tsx';
import { Pager, pagerRows } from '../ui/pager.tsx';
import { Unanswered } from '../ui/unanswered.tsx';
import { taskLooks, taskStates } from './task-looks.ts';
import { TasksTable } from './tasks-table.tsx';

/** The tasks of an operation, node by node. */
export function TasksCard({ operationId }: { operationId: string }) {
  const [state, setState] = useState('');
  const [offset, setOffset] = useState(0);
  const chosen = taskStates.find((one) => one === state);
  const query = { ...(chosen === undefined ? {} : { state: chosen }), limit: pagerRows, offset };
  const { data, error, failureReason } = useQuery({ ...operationTasksQuery(operationId, query), placeholderData: keepPreviousData });
  return (
    <Card component="section" aria-labelledby="operation-tasks">
      <CardTitle component="h2" id="operation-tasks">
        Node by node
      </CardTitle>
      <CardBody>
        <div className="mp-between">
          <FilterSelect
            title="State"
            options={taskStates.map((value) => ({ value, text: taskLooks[value].text }))}
            value={chosen}
            onChoose={(value) => {
              setState(value);
              setOffset(0);
            }}
          />
          <Pager label="Pages of tasks" total={data?.total ?? 0} offset={offset} onOffset={setOffset} />
        </div>
        <Unanswered data={data} error={error} failureReason={failureReason} label="Loading the tasks" />
        {data?.items.length === 0 && <p className="mp-quiet">No task is in this state.</p>}
        {data !== undefined && data.items.length > 0 && <TasksTable tasks={data.items} shows="nodes" />}
      </CardBody>
    </Card>
  );
}
