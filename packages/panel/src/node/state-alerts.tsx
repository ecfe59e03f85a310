import type { Node } from '@muster/api';
import { Moment } from '../ui/moment.tsx';
import { schedulingLooks } from '../ui/state-looks.ts';
import { Notice } from '../ui/notice.tsx';

const agentTitles = {
  stopped: 'The agent was stopped on purpose: nothing starts it again by itself',
  restarting: 'The agent is not heard, and the server tries to restart it',
  'needs-attention': 'The agent is not heard, and restarting it did not help: somebody has to look',
} as const;

/** What somebody, or the server, is doing with the node. */
export function StateAlerts({ node: { maintenance, scheduling, agent } }: { node: Node }) {
  return (
    <>
      {maintenance !== null && (
        <Notice variant="info" isInline title={`In maintenance: ${maintenance.reason}`}>
          Begun by {maintenance.by}, <Moment at={maintenance.since} />;{' '}
          {maintenance.until === null ? (
            'until somebody ends it'
          ) : (
            <>
              until <Moment at={maintenance.until} />
            </>
          )}
          .
        </Notice>
      )}
      {scheduling.state !== 'open' && (
        <Notice
          variant="info"
          isInline
          title={
            scheduling.reason === ''
              ? schedulingLooks[scheduling.state].text
              : `${schedulingLooks[scheduling.state].text}: ${scheduling.reason}`
          }
        >
          No new work comes to it{scheduling.by !== null && `, by ${scheduling.by}`}
          {scheduling.since !== null && (
            <>
              {' '}
              since <Moment at={scheduling.since} />
            </>
          )}
          .
        </Notice>
      )}
      {agent.state !== 'normal' && (
        <Notice variant={agent.state === 'needs-attention' ? 'danger' : 'info'} isInline title={agentTitles[agent.state]}>
          {agent.message}
          {agent.attempts > 0 && ` Restarts tried: ${agent.attempts}.`}
        </Notice>
      )}
    </>
  );
}
