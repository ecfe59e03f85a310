import type { NotificationTest } from '@muster/api';
import { printable } from '../ui/printable.ts';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { Notice } from '../ui/notice.tsx';

/** How a test went. */
export function TestResult({ result, error }: { result: NotificationTest | null; error: Error | null }) {
  return (
    <div role="status">
      {error !== null && <ProblemAlert error={error} title="Not tested" />}
      {result !== null && (
        <Notice
          variant={result.delivered ? 'success' : 'danger'}
          isInline
          title={result.delivered ? 'The test arrived' : 'The test did not arrive'}
        >
          {printable(result.message)}
        </Notice>
      )}
    </div>
  );
}
