import type { ProvisionRun, RunHost } from '@muster/api';
import { Breadcrumb, BreadcrumbItem, Card, CardBody, CardTitle, Label, PageSection, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { sessionQuery } from '../api/queries.ts';
import { runQuery } from '../api/run-queries.ts';
import { paths } from '../paths.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Moment } from '../ui/moment.tsx';
import { UnansweredPage } from '../ui/unanswered.tsx';
import { CancelRun } from './cancel-run.tsx';
import { commandText, countsText, inventoryText, notYet, runHostLooks, runTime } from './run-looks.ts';
import { RunProgress } from './run-progress.tsx';
import { RunStateLabel } from './runs-page.tsx';

/** One run: what was asked, how long its phases took, what became of each host. */
export function RunPage() {
  const { id = '' } = useParams();
  const { data: run, error, failureReason } = useQuery(runQuery(id));
  const title = run === undefined ? 'Run' : commandText(run);
  useDocumentTitle(title);
  return (
    <>
      <PageSection type="breadcrumb">
        <Breadcrumb>
          <BreadcrumbItem
            render={({ className }) => (
              <Link to={paths.runs} className={className}>
                Runs
              </Link>
            )}
          />
          <BreadcrumbItem isActive className="mp-break">
            {title}
          </BreadcrumbItem>
        </Breadcrumb>
      </PageSection>
      <PageSection isFilled>
        <UnansweredPage
          data={run}
          error={error}
          failureReason={failureReason}
          label="Loading the run"
          action={<Link to={paths.runs}>To the runs</Link>}
        />
        {run !== undefined && <RunDetails run={run} />}
      </PageSection>
    </>
  );
}

function RunDetails({ run }: { run: ProvisionRun }) {
  const { data: session } = useQuery(sessionQuery);
  return (
    <div className="mp-cards">
      <header>
        <Title headingLevel="h1" className="mp-break">
          {commandText(run)}
        </Title>
        <div className="mp-buttons">
          <RunStateLabel state={run.state} />
          {session !== undefined && session !== null && <CancelRun run={run} session={session} />}
        </div>
        <p className="mp-quiet mp-break">
          By {run.by} on {run.machine}, <Moment at={run.startedAt} />, {runTime(run.seconds)}. {countsText(run.counts)}.
        </p>
        {run.inventory !== undefined && <p className="mp-quiet">{inventoryText(run.inventory)}</p>}
        {run.reason !== undefined && <p className="mp-break">{run.reason}</p>}
      </header>
      <RunProgress run={run} />
      <Card isCompact>
        <CardTitle component="h2">{run.hosts.length === 1 ? '1 host' : `${run.hosts.length} hosts`}</CardTitle>
        <CardBody>
          <HostsTable hosts={run.hosts} isRunning={run.state === 'running'} />
        </CardBody>
      </Card>
    </div>
  );
}

function HostsTable({ hosts, isRunning }: { hosts: readonly RunHost[]; isRunning: boolean }) {
  return (
    <Table aria-label="Hosts of the run" variant="compact" gridBreakPoint="grid-md" className="mp-table">
      <Thead>
        <Tr>
          <Th width={20}>Host</Th>
          <Th>Result</Th>
          <Th>Time</Th>
          <Th width={50}>What</Th>
        </Tr>
      </Thead>
      <Tbody>
        {hosts.map((host) => (
          <HostRow key={host.name} host={host} isRunning={isRunning} />
        ))}
      </Tbody>
    </Table>
  );
}

function HostRow({ host: { name, status, phases, failure }, isRunning }: { host: RunHost; isRunning: boolean }) {
  const { text, ...look } = isRunning && status === 'not-done' ? notYet : runHostLooks[status];
  const lines = phases.flatMap(({ phase, changes, warnings }) => [
    ...warnings.map((one) => `${phase}: warning: ${one}`),
    ...changes.map((one) => `${phase}: ${one}`),
  ]);
  return (
    <Tr>
      <Td dataLabel="Host" className="mp-break">
        <Link to={paths.node(name)}>{name}</Link>
      </Td>
      <Td dataLabel="Result">
        <Label {...look} isCompact>
          {text}
        </Label>
      </Td>
      <Td dataLabel="Time" modifier="nowrap">
        {runTime(phases.reduce((sum, { seconds }) => sum + seconds, 0))}
      </Td>
      <Td dataLabel="What" className="mp-break">
        {failure !== null && (
          <p>
            {failure.phase}: {failure.message}
          </p>
        )}
        {lines.length > 0 && (
          <details>
            <summary>{lines.length === 1 ? '1 line' : `${lines.length} lines`}</summary>
            <ul>
              {lines.map((line, i) => (
                // A run that is over does not change: places of its lines are as good as names.
                <li key={`${i} ${line}`}>{line}</li>
              ))}
            </ul>
          </details>
        )}
      </Td>
    </Tr>
  );
}
