import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { describeError } from '../api/describe-error.ts';
import { Notice } from './notice.tsx';

/** An error beside what it is about: what happened, and what to do. */
export function ProblemAlert({ error, title }: { error: unknown; title?: string }) {
  const description = describeError(error);
  return (
    <Notice variant="danger" isInline title={title ?? description.title}>
      <p>{title === undefined ? description.detail : `${description.title}. ${description.detail}`}</p>
      <p>{description.advice}</p>
    </Notice>
  );
}

/** An error in the place of everything else, where there is nothing to show. */
export function ProblemState({ error, action }: { error: unknown; action?: ReactNode }) {
  const { title, detail, advice } = describeError(error);
  return (
    <EmptyState status="danger" titleText={title} headingLevel="h2" variant="lg" role="alert">
      <EmptyStateBody>
        <p>{detail}</p>
        <p>{advice}</p>
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          {action ?? (
            <Button variant="secondary" onClick={() => window.location.reload()}>
              Reload the page
            </Button>
          )}
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
