import type { InventoryHosts } from '@muster/api';
import { Alert } from '@patternfly/react-core';
import { foldNames } from '@muster/core';

/** So many hosts that stand in the way are named one by one. */
const shownAtMost = 5;

/** How many hosts a run would work on, and to which the server has no way; told as it changes. */
export function ChosenHosts({ hosts }: { hosts: InventoryHosts | undefined }) {
  return (
    <div role="status" aria-live="polite" className="mp-stack">
      {hosts !== undefined && <p className="mp-break">{countText(hosts.hosts)}</p>}
      {hosts !== undefined && hosts.unreachable.length > 0 && (
        <Alert variant="warning" isInline component="p" title={`The server cannot work on ${hosts.unreachable.length} of them`}>
          <ul>
            {hosts.unreachable.slice(0, shownAtMost).map(({ host, reason }) => (
              <li key={host} className="mp-break">
                {host}: {reason}.
              </li>
            ))}
          </ul>
          {hosts.unreachable.length > shownAtMost && <p>And {hosts.unreachable.length - shownAtMost} more.</p>}
        </Alert>
      )}
    </div>
  );
}

function countText(names: readonly string[]): string {
  if (names.length === 0) return 'No host.';
  return `${names.length === 1 ? '1 host' : `${names.length} hosts`}: ${foldNames(names)}`;
}
