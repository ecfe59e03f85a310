import type { Node } from '@muster/api';
import { Label } from '@patternfly/react-core';
import { formatDateTime } from '../../ui/format.ts';
import { HeartbeatAge } from '../../ui/heartbeat-age.tsx';
import { Moment } from '../../ui/moment.tsx';
import { NotKnown } from '../../ui/not-known.tsx';
import { agentLooks, schedulingLooks } from '../../ui/state-looks.ts';

/** Time since the last heartbeat, and below it what the server does about a silent agent. */
export function HeartbeatCell({ node, answeredAtMs }: { node: Node; answeredAtMs: number }) {
  return (
    <>
      <HeartbeatAge ageSeconds={node.heartbeatAgeSeconds} heartbeatAt={node.lastHeartbeatAt} answeredAtMs={answeredAtMs} />
      {node.agent.state !== 'normal' && (
        <span className="mp-under">
          <AgentCell node={node} />
        </span>
      )}
    </>
  );
}

/** Whether new work may come to the node, and whether somebody works on it. */
export function SchedulingCell({ node }: { node: Node }) {
  const { state, reason } = node.scheduling;
  return (
    <>
      {state === 'open' ? (
        <span className="mp-quiet">Open</span>
      ) : (
        <Label {...schedulingLooks[state]} isCompact title={reason}>
          {schedulingLooks[state].text}
        </Label>
      )}
      {state !== 'open' && reason !== '' && <span className="mp-under mp-quiet mp-clamp">{reason}</span>}
      {node.maintenance !== null && (
        <span className="mp-under">
          <Label color="purple" isCompact title={node.maintenance.reason}>
            Maintenance
          </Label>
        </span>
      )}
    </>
  );
}

/** Why somebody works on the node, and until when. */
export function MaintenanceCell({ node: { maintenance } }: { node: Node }) {
  if (maintenance === null) return <NotKnown because="not in maintenance" />;
  return (
    <>
      <span className="mp-clamp" title={`by ${maintenance.by} since ${formatDateTime(maintenance.since)}`}>
        {maintenance.reason === '' ? 'In maintenance' : maintenance.reason}
      </span>
      <span className="mp-under mp-quiet">
        {maintenance.until === null ? (
          'until ended'
        ) : (
          <>
            until <Moment at={maintenance.until} />
          </>
        )}
      </span>
    </>
  );
}

/** What the server knows of the agent's process, and does about it. */
export function AgentCell({ node: { agent } }: { node: Node }) {
  const look = agentLooks[agent.state];
  if (agent.state === 'normal') return <span className="mp-quiet">{look.text}</span>;
  return (
    <Label {...look} isCompact title={`${agent.message} Restarts tried: ${agent.attempts}`}>
      {look.text}
    </Label>
  );
}
