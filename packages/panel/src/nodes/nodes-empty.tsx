import { Button, ClipboardCopy, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';

/** An installation without a node: how the first ones come. */
export function NoNodesYet() {
  return (
    <EmptyState titleText="No nodes yet" headingLevel="h2" icon={ServerIcon} variant="lg">
      <EmptyStateBody className="mp-stack">
        <p>Bring in the machines of an inventory, from the computer that reaches them by SSH:</p>
        <ClipboardCopy isReadOnly hoverTip="Copy" clickTip="Copied" textAriaLabel="Command that applies an inventory">
          muster apply -i inventory.ini
        </ClipboardCopy>
        <p>Or add one by name, and run the line it prints on that machine:</p>
        <ClipboardCopy isReadOnly hoverTip="Copy" clickTip="Copied" textAriaLabel="Command that adds a node">
          muster node add NAME --private-ip ADDRESS
        </ClipboardCopy>
        <p>They appear here by themselves.</p>
      </EmptyStateBody>
    </EmptyState>
  );
}

/** Filters that no node passes. */
export function NoNodeMatches({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState titleText="No node matches" headingLevel="h2" icon={SearchIcon} variant="lg">
      <EmptyStateBody>There are nodes, but none that passes all filters.</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button variant="link" onClick={onClear}>
            Clear all filters
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
