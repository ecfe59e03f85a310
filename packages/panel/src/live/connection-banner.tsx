import { describeError } from '../api/describe-error.ts';
import { useCopyTime } from '../api/data-age.ts';
import { useServerFailure } from '../api/server-failure.ts';
import { formatAge } from '../ui/format.ts';
import { useNowMs } from '../ui/ticker.ts';
import { useStreamState } from './live-provider.tsx';
import { noticeOf } from './notice.ts';
import { Notice } from '../ui/notice.tsx';

/** Says when the server or the stream of events is lost, and how old what is shown has become. */
export function ConnectionBanner() {
  const stream = useStreamState();
  const failing = useServerFailure();
  const nowMs = useNowMs();
  const failure =
    failing === null
      ? null
      : { description: describeError(failing.state.fetchFailureReason), dataUpdatedAtMs: failing.state.dataUpdatedAt };
  const copyFromMs = useCopyTime();
  const notice = noticeOf({ stream, failure, copyFromMs }, nowMs);
  return (
    <div role="status" aria-live="polite">
      {notice !== null && (
        <Notice variant={notice.variant} isInline title={notice.title} className="mp-banner">
          {notice.detail}
          {notice.dataFromMs !== null && (
            // The age changes each second: a screen reader is not to read it out each time.
            <span aria-live="off"> Shown is the state of {formatAge((nowMs - notice.dataFromMs) / 1000)} ago.</span>
          )}
        </Notice>
      )}
    </div>
  );
}
