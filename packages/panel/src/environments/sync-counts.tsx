import type { EnvironmentCounts } from '@muster/api';

/** How an environment fares on its nodes together, in words. */
function syncWords({ nodes, sync, work }: EnvironmentCounts): string {
  if (nodes === 0) return 'on no node';
  const parts: [number, string][] = [
    [sync.inSync, 'in sync'],
    [sync.outOfSync, 'out of sync'],
    [work.ongoing + work.new, 'at work'],
    [work.failed, 'failed'],
    [sync.off, 'off'],
    [sync.unknown, 'not known'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, text]) => `${count.toLocaleString('en-GB')} ${text}`)
    .join(', ');
}

/** The same, with a bar for the eye. */
export function SyncCounts({ counts }: { counts: EnvironmentCounts }) {
  const { inSync, outOfSync, off, unknown } = counts.sync;
  const parts = [
    { className: 'mp-task-succeeded', count: inSync },
    { className: 'mp-task-expired', count: outOfSync },
    { className: 'mp-task-cancelled', count: off + unknown },
  ];
  const before = (at: number) => parts.slice(0, at).reduce((sum, { count }) => sum + count, 0);
  return (
    <div className="mp-counts">
      <svg className="mp-counts__bar" aria-hidden="true" preserveAspectRatio="none" viewBox={`0 0 ${Math.max(1, counts.nodes)} 1`}>
        {parts.map(({ className, count }, at) => (
          <rect key={className} className={className} x={before(at)} width={count} height={1} />
        ))}
      </svg>
      <span className="mp-under mp-quiet">{syncWords(counts)}</span>
    </div>
  );
}
