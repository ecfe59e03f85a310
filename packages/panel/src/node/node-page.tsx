import type { Node } from '@muster/api';
import { Breadcrumb, BreadcrumbItem, Card, CardBody, CardTitle, PageSection } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { isNotFound } from '../api/describe-error.ts';
import { nodeQuery } from '../api/queries.ts';
import { EventHistory } from '../events/event-history.tsx';
import { paths } from '../paths.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Loading } from '../ui/loading.tsx';
import { ProblemState } from '../ui/problem-alert.tsx';
import { CertificatesCard } from './certificates-card.tsx';
import { FactsCard } from './facts-card.tsx';
import { NodeHeader } from './node-header.tsx';
import { ServicesCard } from './services-card.tsx';
import './node.css';

/** One node: how it fares and why, what it is, what runs on it, what proves it, what happened to it. */
export function NodePage() {
  const { name = '' } = useParams();
  useDocumentTitle(name);
  const { data: node, error, failureReason, dataUpdatedAt } = useQuery(nodeQuery(name));
  const isGone = isNotFound(error);
  const problem = isGone || node === undefined ? (error ?? failureReason) : null;
  return (
    <>
      <PageSection type="breadcrumb">
        <Breadcrumb>
          <BreadcrumbItem
            render={({ className }) => (
              <Link to={paths.nodes} className={className}>
                Nodes
              </Link>
            )}
          />
          <BreadcrumbItem isActive className="mp-break">
            {name}
          </BreadcrumbItem>
        </Breadcrumb>
      </PageSection>
      <PageSection isFilled>
        {problem !== null && <ProblemState error={problem} action={<Link to={paths.nodes}>To the list of nodes</Link>} />}
        {problem === null && node === undefined && <Loading label="Loading the node" />}
        {problem === null && node !== undefined && <NodeDetails node={node} answeredAtMs={dataUpdatedAt} />}
      </PageSection>
    </>
  );
}

function NodeDetails({ node, answeredAtMs }: { node: Node; answeredAtMs: number }) {
  return (
    <div className="mp-node">
      <NodeHeader node={node} answeredAtMs={answeredAtMs} />
      <div className="mp-node__cards">
        <FactsCard node={node} />
        <div className="mp-node__column">
          <ServicesCard nodeId={node.id} />
          <CertificatesCard node={node} />
        </div>
      </div>
      <Card component="section" aria-labelledby="node-events">
        <CardTitle component="h2" id="node-events">
          Recent events
        </CardTitle>
        <CardBody>
          <EventHistory node={node.id} />
        </CardBody>
      </Card>
    </div>
  );
}
