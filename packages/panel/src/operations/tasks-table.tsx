import type { Task } from '@muster/api';
import { Button } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { taskOutputQuery } from '../api/operation-queries.ts';
import { paths } from '../paths.ts';
import { Loading } from '../ui/loading.tsx';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { OutputText } from '../ui/output-text.tsx';
import { printable } from '../ui/printable.ts';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { TaskStateLabel } from './state-label.tsx';

type Props = {
  readonly tasks: readonly Task[];
  /** What tells the tasks apart: of an operation its nodes, of a node its operations. */ readonly shows: 'nodes' | 'operations';
};

/** Tasks, each with what was said of it and, on demand, what it printed. */
export function TasksTable({ tasks, shows }: Props) {
  const first = shows === 'nodes' ? 'Node' : 'Operation';
  return (
    <Table aria-label="Tasks" variant="compact" gridBreakPoint="grid-md" className="mp-table">
      <Thead>
        <Tr>
          <Th width={20}>{first}</Th>
          <Th>State</Th>
          <Th>Exit status</Th>
          <Th width={35}>What it says</Th>
          <Th>{shows === 'nodes' ? 'Ended' : 'Asked'}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {tasks.map((task) => (
          <TaskRow key={task.id} task={task} first={first} at={shows === 'nodes' ? task.finishedAt : task.queuedAt} />
        ))}
      </Tbody>
    </Table>
  );
}

function TaskRow({ task, first, at }: { task: Task; first: 'Node' | 'Operation'; at: string | null }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Tr>
      <Td dataLabel={first} className="mp-break">
        {first === 'Node' ? (
          <Link to={paths.node(task.nodeName)}>{task.nodeName}</Link>
        ) : (
          <Link to={paths.operation(task.operationId)}>{task.kind}</Link>
        )}
      </Td>
      <Td dataLabel="State">
        <TaskStateLabel state={task.state} />
      </Td>
      <Td dataLabel="Exit status">{task.exitStatus ?? <NotKnown because="none" />}</Td>
      <Td dataLabel="What it says">
        {task.message !== '' && <span className="mp-message">{printable(task.message)}</span>}
        {task.outputBytes > 0 && (
          <Button variant="link" isInline size="sm" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? 'Hide output' : 'Show output'}
          </Button>
        )}
        {isOpen && <TaskOutput task={task} />}
      </Td>
      <Td dataLabel={first === 'Node' ? 'Ended' : 'Asked'} modifier="nowrap">
        {at === null ? <NotKnown because="not yet" /> : <Moment at={at} />}
      </Td>
    </Tr>
  );
}

function TaskOutput({ task }: { task: Task }) {
  const { data, error, failureReason } = useQuery(taskOutputQuery(task.id));
  const problem = data === undefined ? (error ?? failureReason) : null;
  if (problem !== null) return <ProblemAlert error={problem} />;
  if (data === undefined) return <Loading label="Loading the output" />;
  return <OutputText text={data.output} label={`Output on ${task.nodeName}`} isTruncated={data.truncated} />;
}
