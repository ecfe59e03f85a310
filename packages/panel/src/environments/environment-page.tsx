import type { Environment, Session } from '@muster/api';
import { Breadcrumb, BreadcrumbItem, Card, CardBody, CardTitle, Label, PageSection, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { environmentQuery } from '../api/environment-queries.ts';
import { sessionQuery } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Loading } from '../ui/loading.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemState } from '../ui/problem-alert.tsx';
import { DefinitionCard } from './definition-card.tsx';
import { EnvironmentButtons } from './environment-buttons.tsx';
import { EnvironmentNodesCard } from './environment-nodes-card.tsx';
import { PackagesCard } from './packages-card.tsx';
import { SyncCounts } from './sync-counts.tsx';
import '../operations/operations.css';
import { Notice } from '../ui/notice.tsx';

/** One environment: what it is made of, and how it fares on each node. */
export function EnvironmentPage() {
  const { name = '' } = useParams();
  useDocumentTitle(name);
  const { data: session } = useQuery(sessionQuery);
  const { data, error, failureReason } = useQuery(environmentQuery(name));
  const problem = data === undefined ? (error ?? failureReason) : null;
  return (
    <>
      <PageSection type="breadcrumb">
        <Breadcrumb>
          <BreadcrumbItem
            render={({ className }) => (
              <Link to={paths.environments} className={className}>
                Environments
              </Link>
            )}
          />
          <BreadcrumbItem isActive className="mp-break">
            {name}
          </BreadcrumbItem>
        </Breadcrumb>
      </PageSection>
      <PageSection isFilled>
        {problem !== null && <ProblemState error={problem} action={<Link to={paths.environments}>To the environments</Link>} />}
        {problem === null && data === undefined && <Loading label="Loading the environment" />}
        {data !== undefined && session !== undefined && session !== null && <Details environment={data} session={session} />}
      </PageSection>
    </>
  );
}

function Details({ environment, session }: { environment: Environment; session: Session }) {
  const { name, kind, version, description, selector, selectorProblem, updatedAt, updatedBy, counts } = environment;
  return (
    <div className="mp-cards">
      <header className="mp-operation__head">
        <div className="mp-operation__title">
          <Title headingLevel="h1" className="mp-break">
            {name}
          </Title>
          <Label isCompact variant="outline">
            {kind}
          </Label>
          <span className="mp-quiet">
            version {version}, by {updatedBy}, <Moment at={updatedAt} />
          </span>
          <EnvironmentButtons environment={environment} session={session} />
        </div>
        {description !== '' && <p className="mp-notes">{description}</p>}
        {selectorProblem !== null && (
          <Notice variant="warning" isInline title="Nothing is done on any node until it is clear which ones are meant">
            {selectorProblem} Change for which nodes it is.
          </Notice>
        )}
        <Card isCompact>
          <CardTitle component="h2">For {selector === null ? 'all nodes' : selector}</CardTitle>
          <CardBody>
            <SyncCounts counts={counts} />
          </CardBody>
        </Card>
      </header>
      <EnvironmentNodesCard environment={environment} />
      <div className="mp-halves">
        <DefinitionCard environment={environment} />
        <PackagesCard environment={environment} />
      </div>
    </div>
  );
}
