import type { Node, Session } from '@muster/api';
import {
  Breadcrumb,
  BreadcrumbItem,
  Card,
  CardBody,
  CardTitle,
  PageSection,
  Tab,
  TabContent,
  Tabs,
  TabTitleText,
} from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { isNotFound } from '../api/describe-error.ts';
import { nodeQuery, sessionQuery } from '../api/queries.ts';
import { EventHistory } from '../events/event-history.tsx';
import { paths } from '../paths.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Loading } from '../ui/loading.tsx';
import { UnansweredPage } from '../ui/unanswered.tsx';
import { CertificatesCard } from './certificates-card.tsx';
import { FactsCard } from './facts-card.tsx';
import { NodeHeader } from './node-header.tsx';
import { EnvironmentsTab } from './environments/environments-tab.tsx';
import { JournalCard } from './services/journal-card.tsx';
import { ServicesCard } from './services/services-card.tsx';
import { SettingsTab } from './settings/settings-tab.tsx';
import { TasksTab } from './tasks-tab.tsx';
import './node.css';

// The terminal is larger than the rest of the page, and few open it.
const ConsoleTab = lazy(() => import('./console/console-tab.tsx').then((module) => ({ default: module.ConsoleTab })));

/** One node: how it fares and why, what it is, what runs on it, what proves it, what happened to it. */
export function NodePage() {
  const { name = '' } = useParams();
  useDocumentTitle(name);
  const { data: node, error, failureReason, dataUpdatedAt } = useQuery(nodeQuery(name));
  const { data: session } = useQuery(sessionQuery);
  const shown = isNotFound(error) ? undefined : node;
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
        <UnansweredPage
          data={shown}
          error={error}
          failureReason={failureReason}
          label="Loading the node"
          action={<Link to={paths.nodes}>To the list of nodes</Link>}
        />
        {shown !== undefined && session !== undefined && session !== null && (
          <NodeDetails node={shown} answeredAtMs={dataUpdatedAt} session={session} />
        )}
      </PageSection>
    </>
  );
}

const tabs = [
  { key: 'overview', title: 'Overview' },
  { key: 'tasks', title: 'Tasks' },
  { key: 'environments', title: 'Environments' },
  { key: 'console', title: 'Console' },
  { key: 'settings', title: 'Settings' },
] as const;

type DetailsProps = { readonly node: Node; readonly answeredAtMs: number; readonly session: Session };

function NodeDetails({ node, answeredAtMs, session }: DetailsProps) {
  const [search, setSearch] = useSearchParams();
  const tab = tabs.find(({ key }) => key === search.get('tab'))?.key ?? 'overview';
  return (
    <div className="mp-node">
      <NodeHeader node={node} answeredAtMs={answeredAtMs} session={session} />
      <Tabs
        activeKey={tab}
        aria-label="Parts of the node"
        onSelect={(_, key) => setSearch(key === 'overview' ? {} : { tab: String(key) }, { replace: true })}
      >
        {tabs.map(({ key, title }) => (
          <Tab key={key} eventKey={key} title={<TabTitleText>{title}</TabTitleText>} tabContentId={`node-tab-${key}`} />
        ))}
      </Tabs>
      <TabContent id={`node-tab-${tab}`} eventKey={tab} activeKey={tab} aria-label={tab}>
        {tab === 'overview' && <Overview node={node} session={session} />}
        {tab === 'tasks' && <TasksTab node={node} />}
        {tab === 'environments' && <EnvironmentsTab node={node} session={session} />}
        {tab === 'console' && (
          <Suspense fallback={<Loading />}>
            <ConsoleTab node={node} session={session} />
          </Suspense>
        )}
        {tab === 'settings' && <SettingsTab node={node} session={session} />}
      </TabContent>
    </div>
  );
}

function Overview({ node, session }: { node: Node; session: Session }) {
  const [unit, setUnit] = useState<string | null>(null);
  return (
    <div className="mp-node">
      <div className="mp-node__cards">
        <FactsCard node={node} />
        <div className="mp-node__column">
          <ServicesCard node={node} session={session} onJournal={setUnit} />
          {unit !== null && <JournalCard key={unit} node={node.id} unit={unit} onClose={() => setUnit(null)} />}
          <CertificatesCard node={node} session={session} />
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
