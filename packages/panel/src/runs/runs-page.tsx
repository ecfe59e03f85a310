import type { ProvisionRunSummary } from '@muster/api';
import { Label, PageSection, Title, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { sessionQuery } from '../api/queries.ts';
import { runsQuery } from '../api/run-queries.ts';
import { paths } from '../paths.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Moment } from '../ui/moment.tsx';
import { Pager, pagerRows } from '../ui/pager.tsx';
import { UnansweredPage } from '../ui/unanswered.tsx';
import { StartRun } from './start-run.tsx';
import { commandText, countsText, runLooks, runTime } from './run-looks.ts';

/** Runs of `muster apply`, newest first, from whatever machine. */
export function RunsPage() {
  useDocumentTitle('Runs');
  const { data: session } = useQuery(sessionQuery);
  const [offset, setOffset] = useState(0);
  const { data, error, failureReason } = useQuery({ ...runsQuery({ limit: pagerRows, offset }), placeholderData: keepPreviousData });
  const shown = error === null ? data : undefined;
  return (
    <PageSection isFilled>
      <div className="mp-head">
        <Title headingLevel="h1">Runs</Title>
        {session !== undefined && session !== null && <StartRun session={session} />}
      </div>
      <Toolbar className="mp-toolbar">
        <ToolbarContent>
          <ToolbarItem variant="pagination">
            <Pager label="Pages of runs" total={data?.total ?? 0} offset={offset} onOffset={setOffset} />
          </ToolbarItem>
        </ToolbarContent>
      </Toolbar>
      <UnansweredPage data={shown} error={error} failureReason={failureReason} label="Loading the runs" />
      {shown?.total === 0 && <p className="mp-quiet">No run of “muster apply” was told yet. Each one tells at its end.</p>}
      {shown !== undefined && shown.items.length > 0 && <RunsTable runs={shown.items} />}
    </PageSection>
  );
}

function RunsTable({ runs }: { runs: readonly ProvisionRunSummary[] }) {
  return (
    <Table aria-label="Runs" variant="compact" gridBreakPoint="grid-md" className="mp-table">
      <Thead>
        <Tr>
          <Th width={30}>What</Th>
          <Th>State</Th>
          <Th width={25}>Hosts</Th>
          <Th>Time</Th>
          <Th>By</Th>
          <Th>Started</Th>
        </Tr>
      </Thead>
      <Tbody>
        {runs.map((run) => (
          <Tr key={run.id}>
            <Td dataLabel="What" className="mp-break">
              <Link to={paths.run(run.id)}>{commandText(run)}</Link>
            </Td>
            <Td dataLabel="State">
              <RunStateLabel state={run.state} />
            </Td>
            <Td dataLabel="Hosts">{countsText(run.counts)}</Td>
            <Td dataLabel="Time" modifier="nowrap">
              {runTime(run.seconds)}
            </Td>
            <Td dataLabel="By" className="mp-break">
              {run.by} on {run.machine}
            </Td>
            <Td dataLabel="Started" modifier="nowrap">
              <Moment at={run.startedAt} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

/** How a run ended. */
export function RunStateLabel({ state }: { state: ProvisionRunSummary['state'] }) {
  const { text, ...look } = runLooks[state];
  return (
    <Label {...look} isCompact>
      {text}
    </Label>
  );
}
