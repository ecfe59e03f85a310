import { EmptyState, EmptyStateBody, PageSection } from '@patternfly/react-core';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import { Link } from 'react-router';
import { paths } from '../paths.ts';
import { useDocumentTitle } from '../ui/document-title.ts';

/** An address that leads nowhere. */
export function NotFoundPage() {
  useDocumentTitle('Not found');
  return (
    <PageSection>
      <EmptyState titleText="There is no such page" headingLevel="h1" icon={SearchIcon}>
        <EmptyStateBody>
          Check the address, or go to the <Link to={paths.nodes}>list of nodes</Link>.
        </EmptyStateBody>
      </EmptyState>
    </PageSection>
  );
}
