import { Bullseye, Spinner } from '@patternfly/react-core';

/** Stands where something is being fetched. It shows after a moment only, so that what is quick does not flicker. */
export function Loading({ label = 'Loading' }: { label?: string }) {
  return (
    <Bullseye className="mp-loading">
      <Spinner size="lg" aria-label={label} />
    </Bullseye>
  );
}
