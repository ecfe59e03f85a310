import type { EnvironmentSummary, Session } from '@muster/api';
import { PageSection, Title } from '@patternfly/react-core';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import PlusIcon from '@patternfly/react-icons/dist/esm/icons/plus-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { environmentsQuery } from '../api/environment-queries.ts';
import { sessionQuery } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { RefusedButton } from '../ui/refused-button.tsx';
import { roleRefusal } from '../ui/role-refusal.ts';
import { UnansweredPage } from '../ui/unanswered.tsx';
import { CreateEnvironmentDialog } from './create-environment-dialog.tsx';
import { SyncCounts } from './sync-counts.tsx';

/** All environments, and how they fare on their nodes. */
export function EnvironmentsPage() {
  useDocumentTitle('Environments');
  const { data: session } = useQuery(sessionQuery);
  const { data, error, failureReason } = useQuery(environmentsQuery);
  return (
    <PageSection isFilled>
      <div className="mp-head">
        <Title headingLevel="h1">Environments</Title>
        {session !== undefined && session !== null && <CreateButton session={session} />}
      </div>
      <UnansweredPage data={data} error={error} failureReason={failureReason} label="Loading the environments" />
      {data?.items.length === 0 && (
        <p className="mp-quiet">There is no environment yet. Once there is one, every node that it is meant for builds it by itself.</p>
      )}
      {data !== undefined && data.items.length > 0 && <EnvironmentsTable environments={data.items} />}
    </PageSection>
  );
}

function CreateButton({ session }: { session: Session }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <RefusedButton
        variant="primary"
        size="sm"
        icon={<PlusIcon />}
        refusal={roleRefusal(session, 'operator')}
        onClick={() => setIsOpen(true)}
      >
        Create environment
      </RefusedButton>
      {isOpen && <CreateEnvironmentDialog onClose={() => setIsOpen(false)} />}
    </>
  );
}

function EnvironmentsTable({ environments }: { environments: readonly EnvironmentSummary[] }) {
  return (
    <Table aria-label="Environments" variant="compact" gridBreakPoint="grid-md" className="mp-table">
      <Thead>
        <Tr>
          <Th width={25}>Name</Th>
          <Th>Kind</Th>
          <Th>Version</Th>
          <Th>For</Th>
          <Th width={30}>On its nodes</Th>
        </Tr>
      </Thead>
      <Tbody>
        {environments.map((one) => (
          <Tr key={one.id}>
            <Td dataLabel="Name" className="mp-break">
              <Link to={paths.environment(one.name)}>{one.name}</Link>
              {one.description !== '' && <span className="mp-under mp-quiet mp-clamp">{one.description}</span>}
            </Td>
            <Td dataLabel="Kind">{one.kind}</Td>
            <Td dataLabel="Version">{one.version}</Td>
            <Td dataLabel="For" className="mp-break">
              {one.selector === null ? 'all nodes' : <code>{one.selector}</code>}
              {one.selectorProblem !== null && (
                <span className="mp-under">
                  <ExclamationTriangleIcon className="mp-warning" /> {one.selectorProblem}
                </span>
              )}
            </Td>
            <Td dataLabel="On its nodes">
              <SyncCounts counts={one.counts} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
