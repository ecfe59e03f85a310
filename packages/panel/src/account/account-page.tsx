import { PageSection, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries.ts';
import { OwnSubscriptionsCard } from '../notifications/own-subscriptions-card.tsx';
import { useDocumentTitle } from '../ui/document-title.ts';
import { OwnKeysCard } from './own-keys-card.tsx';
import { TwoFactorCard } from './two-factor-card.tsx';

/** What concerns whoever is signed in alone: second factor, keys, what one is told of. */
export function AccountPage() {
  useDocumentTitle('Account');
  const { data: session } = useQuery(sessionQuery);
  if (session === undefined || session === null) return null;
  return (
    <PageSection isFilled>
      <div className="mp-head">
        <Title headingLevel="h1">Account</Title>
        <span className="mp-quiet">{session.email ?? session.name}</span>
      </div>
      <div className="mp-cards">
        <TwoFactorCard session={session} />
        <OwnKeysCard session={session} />
        <OwnSubscriptionsCard />
      </div>
    </PageSection>
  );
}
