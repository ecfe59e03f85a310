import { foldNames } from '@muster/core';

/** Which nodes, as the shortest range and as a count: nobody should act on nodes unseen. */
export function NamedNodes({ names }: { names: readonly string[] }) {
  return (
    <div className="mp-named" role="group" aria-label="Nodes">
      <strong>{names.length === 1 ? '1 node' : `${names.length.toLocaleString('en-GB')} nodes`}</strong>
      <code className="mp-named__range" tabIndex={0} role="region" aria-label="The nodes as a range">
        {foldNames(names)}
      </code>
    </div>
  );
}
