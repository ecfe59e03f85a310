import type { Operation } from '@muster/api';
import { Breadcrumb, BreadcrumbItem, Card, CardBody, CardTitle, PageSection, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { operationQuery } from '../api/operation-queries.ts';
import { paths } from '../paths.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Moment } from '../ui/moment.tsx';
import { UnansweredPage } from '../ui/unanswered.tsx';
import { CancelOperation } from './cancel-operation.tsx';
import { ResultsCard } from './results-card.tsx';
import { OperationStateLabel } from './state-label.tsx';
import { TaskCounts } from './task-counts.tsx';
import { TasksCard } from './tasks-card.tsx';
import './operations.css';

/** One operation: what was asked, how far it is, what came of it on which nodes. */
export function OperationPage() {
  const { id = '' } = useParams();
  const { data: operation, error, failureReason } = useQuery(operationQuery(id));
  useDocumentTitle(operation?.title ?? 'Operation');
  return (
    <>
      <PageSection type="breadcrumb">
        <Breadcrumb>
          <BreadcrumbItem
            render={({ className }) => (
              <Link to={paths.operations} className={className}>
                Operations
              </Link>
            )}
          />
          <BreadcrumbItem isActive className="mp-break">
            {operation?.title ?? id}
          </BreadcrumbItem>
        </Breadcrumb>
      </PageSection>
      <PageSection isFilled>
        <UnansweredPage
          data={operation}
          error={error}
          failureReason={failureReason}
          label="Loading the operation"
          action={<Link to={paths.operations}>To the operations</Link>}
        />
        {operation !== undefined && <OperationDetails operation={operation} />}
      </PageSection>
    </>
  );
}

function OperationDetails({ operation }: { operation: Operation }) {
  return (
    <div className="mp-cards">
      <header className="mp-operation__head">
        <div className="mp-operation__title">
          <Title headingLevel="h1" className="mp-break">
            {operation.title}
          </Title>
          <OperationStateLabel state={operation.state} />
          <CancelOperation operation={operation} />
        </div>
        <p className="mp-quiet mp-break">
          Asked by {operation.requestedBy}, <Moment at={operation.requestedAt} />
          {paceText(operation)}. <Ending operation={operation} />
        </p>
        <code className="mp-named__range" tabIndex={0} role="region" aria-label="The nodes as a range">
          {operation.range}
        </code>
        <Card isCompact>
          <CardTitle component="h2">{operation.total === 1 ? '1 node' : `${operation.total} nodes`}</CardTitle>
          <CardBody aria-live="polite">
            <TaskCounts operation={operation} />
          </CardBody>
        </Card>
      </header>
      <ResultsCard operation={operation} />
      <TasksCard operationId={operation.id} />
    </div>
  );
}

function paceText({ batch, maxFail }: Operation): string {
  const parts = [batch === null ? '' : `${batch} nodes at a time`, maxFail === null ? '' : `stops after more than ${maxFail} failures`];
  const text = parts.filter((part) => part !== '').join(', ');
  return text === '' ? '' : `, ${text}`;
}

function Ending({ operation }: { operation: Operation }) {
  if (operation.cancelledAt !== null) {
    return (
      <>
        Cancelled by {operation.cancelledBy ?? 'somebody'}, <Moment at={operation.cancelledAt} />.
      </>
    );
  }
  if (operation.finishedAt !== null) {
    return (
      <>
        Ended <Moment at={operation.finishedAt} />.
      </>
    );
  }
  return (
    <>
      What has not begun by <Moment at={operation.expiresAt} /> is not done any more.
    </>
  );
}
