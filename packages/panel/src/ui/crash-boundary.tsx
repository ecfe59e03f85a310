import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';
import { Component, type ReactNode } from 'react';

type State = { readonly error: Error | null };

/**
 * Catches what must not happen: a page that fails to render, or a part of the panel that cannot be loaded because the server
 * was upgraded and no longer has it.
 */
export class CrashBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <EmptyState status="danger" titleText="This page cannot be shown" headingLevel="h1" variant="lg" role="alert">
        <EmptyStateBody>
          <p>{error.message}</p>
          <p>Reload the page: after an upgrade of the server that is all it takes.</p>
        </EmptyStateBody>
        <EmptyStateFooter>
          <EmptyStateActions>
            <Button variant="primary" onClick={() => window.location.reload()}>
              Reload the page
            </Button>
          </EmptyStateActions>
        </EmptyStateFooter>
      </EmptyState>
    );
  }
}
