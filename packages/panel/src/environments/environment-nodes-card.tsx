import type { Environment, EnvironmentSync } from '@muster/api';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { environmentNodesQuery } from '../api/environment-queries.ts';
import { paths } from '../paths.ts';
import { FilterSelect } from '../ui/filter-select.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { Pager, pagerRows } from '../ui/pager.tsx';
import { SyncLabel } from '../ui/sync-label.tsx';
import { Unanswered } from '../ui/unanswered.tsx';
import { WorkText } from './work-text.tsx';

const states = [
  { value: 'out-of-sync', text: 'Out of sync' },
  { value: 'in-sync', text: 'In sync' },
  { value: 'off', text: 'Off' },
  { value: 'unknown', text: 'Not known' },
] as const satisfies readonly { value: EnvironmentSync; text: string }[];

/** How an environment fares on each node that has it or should. */
export function EnvironmentNodesCard({ environment }: { environment: Environment }) {
  const [state, setState] = useState('');
  const [offset, setOffset] = useState(0);
  const sync = states.find(({ value }) => value === state)?.value;
  const query = { ...(sync === undefined ? {} : { sync }), limit: pagerRows, offset };
  const { data, error, failureReason } = useQuery({ ...environmentNodesQuery(environment.id, query), placeholderData: keepPreviousData });
  return (
    <Card component="section" aria-labelledby="environment-nodes">
      <CardTitle component="h2" id="environment-nodes">
        Node by node
      </CardTitle>
      <CardBody>
        <div className="mp-between">
          <FilterSelect
            title="State"
            options={states}
            value={sync}
            onChoose={(value) => {
              setState(value);
              setOffset(0);
            }}
          />
          <Pager label="Pages of nodes" total={data?.total ?? 0} offset={offset} onOffset={setOffset} />
        </div>
        <Unanswered data={data} error={error} failureReason={failureReason} label="Loading the nodes" />
        {data?.items.length === 0 && <p className="mp-quiet">No node is in this state.</p>}
        {data !== undefined && data.items.length > 0 && (
          <Table aria-label="Nodes of the environment" variant="compact" gridBreakPoint="grid-md" className="mp-table">
            <Thead>
              <Tr>
                <Th width={30}>Node</Th>
                <Th>State</Th>
                <Th>Has</Th>
                <Th width={40}>What is being done</Th>
              </Tr>
            </Thead>
            <Tbody>
              {data.items.map((one) => (
                <Tr key={one.nodeId}>
                  <Td dataLabel="Node" className="mp-break">
                    <Link to={`${paths.node(one.nodeName)}?tab=environments`}>{one.nodeName}</Link>
                  </Td>
                  <Td dataLabel="State">
                    <SyncLabel sync={one.sync} />
                  </Td>
                  <Td dataLabel="Has">
                    {one.observedVersion === null ? <NotKnown because="none, or not reported" /> : `version ${one.observedVersion}`}
                  </Td>
                  <Td dataLabel="What is being done">
                    <WorkText work={one.work} />
                  </Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        )}
      </CardBody>
    </Card>
  );
}
