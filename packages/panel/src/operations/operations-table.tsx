import type { Operation } from '@muster/api';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link } from 'react-router';
import { paths } from '../paths.ts';
import { Moment } from '../ui/moment.tsx';
import { OperationStateLabel } from './state-label.tsx';
import { TaskCounts } from './task-counts.tsx';

/** Operations, newest first, each with how far it is. */
export function OperationsTable({ operations }: { operations: readonly Operation[] }) {
  return (
    <Table aria-label="Operations" variant="compact" gridBreakPoint="grid-md" className="mp-table">
      <Thead>
        <Tr>
          <Th width={25}>What</Th>
          <Th width={20}>Nodes</Th>
          <Th>State</Th>
          <Th width={20}>Progress</Th>
          <Th>By</Th>
          <Th>Asked</Th>
        </Tr>
      </Thead>
      <Tbody>
        {operations.map((operation) => (
          <Tr key={operation.id}>
            <Td dataLabel="What" className="mp-break">
              <Link to={paths.operation(operation.id)}>{operation.title}</Link>
            </Td>
            <Td dataLabel="Nodes">
              <span className="mp-clamp" title={operation.range}>
                {operation.range}
              </span>
              <span className="mp-under mp-quiet">{operation.total === 1 ? '1 node' : `${operation.total} nodes`}</span>
            </Td>
            <Td dataLabel="State">
              <OperationStateLabel state={operation.state} />
            </Td>
            <Td dataLabel="Progress">
              <TaskCounts operation={operation} />
            </Td>
            <Td dataLabel="By" className="mp-break">
              {operation.requestedBy}
            </Td>
            <Td dataLabel="Asked" modifier="nowrap">
              <Moment at={operation.requestedAt} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
