import { PageSection, Title } from '@patternfly/react-core';
import { useDocumentTitle } from '../ui/document-title.ts';
import { AllSubscriptionsCard } from './all-subscriptions-card.tsx';
import { WebhooksCard } from './webhooks-card.tsx';

/** Who is told of what, and the programs that are. */
export function NotificationsPage() {
  useDocumentTitle('Notifications');
  return (
    <PageSection isFilled>
      <Title headingLevel="h1" className="mp-title">
        Notifications
      </Title>
      <div className="mp-cards">
        <WebhooksCard />
        <AllSubscriptionsCard />
      </div>
    </PageSection>
  );
}
