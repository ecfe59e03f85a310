import { PageSection, Title } from '@patternfly/react-core';
import { useDocumentTitle } from '../ui/document-title.ts';
import { EventHistory } from './event-history.tsx';

/** Everything that happened, newest first. */
export function EventsPage() {
  useDocumentTitle('Events');
  return (
    <PageSection isFilled>
      <Title headingLevel="h1" className="mp-title">
        Events
      </Title>
      <EventHistory />
    </PageSection>
  );
}
