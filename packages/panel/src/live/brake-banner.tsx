import { useQuery } from '@tanstack/react-query';
import { statusQuery } from '../api/queries.ts';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';

/** Says when the liveness monitor restarts nothing, because too many nodes are unheard at once. */
export function BrakeBanner() {
  const { data } = useQuery(statusQuery);
  const brake = data?.agentLiveness.brake ?? null;
  return (
    <div role="status" aria-live="polite">
      {brake !== null && (
        <Notice
          variant="warning"
          isInline
          title={`No agent is restarted: ${brake.unheard} of ${brake.watched} nodes are not heard`}
          className="mp-banner"
        >
          {brake.message} Since <Moment at={brake.since} />.
        </Notice>
      )}
    </div>
  );
}
