import type { Node, Session } from '@muster/api';
import { Label, Title } from '@patternfly/react-core';
import { sentenceOf } from '../ui/format.ts';
import { HealthLabel } from '../ui/health-label.tsx';
import { HeartbeatAge } from '../ui/heartbeat-age.tsx';
import { Moment } from '../ui/moment.tsx';
import { NodeActionsMenu } from './node-actions-menu.tsx';
import { StateAlerts } from './state-alerts.tsx';
import { Notice } from '../ui/notice.tsx';

type Props = { readonly node: Node; readonly answeredAtMs: number; readonly session: Session };

const memberNames = { hostname: 'hostname', privateIp: 'private IP', publicIp: 'public IP' } as const;
const alertOf = { good: 'info', degraded: 'warning', bad: 'danger', unknown: 'info' } as const;

/** Name, health with its reasons, and where the node differs from what was decided about it. */
export function NodeHeader({ node, answeredAtMs, session }: Props) {
  const { health } = node;
  const [first, ...more] = health.reasons;
  return (
    <header className="mp-node__head">
      <div className="mp-node__title">
        <Title headingLevel="h1" className="mp-break">
          {node.name}
        </Title>
        <HealthLabel state={health.state} isCompact={false} />
        {health.since !== null && (
          <span className="mp-quiet">
            since <Moment at={health.since} />
          </span>
        )}
        <span className="mp-node__actions">
          <NodeActionsMenu node={node} session={session} />
        </span>
      </div>
      <p className="mp-node__line">
        <span>
          Last heartbeat:{' '}
          <HeartbeatAge ageSeconds={node.heartbeatAgeSeconds} heartbeatAt={node.lastHeartbeatAt} answeredAtMs={answeredAtMs} />
        </span>
        <span>Agent {node.connected ? 'connected' : 'not connected'}</span>
        <span>{sentenceOf(node.registration)}</span>
        <span>Environments {node.environments}</span>
        {node.groups.map((group) => (
          <Label key={group} isCompact variant="outline">
            {group}
          </Label>
        ))}
      </p>
      <StateAlerts node={node} />
      {first !== undefined && (
        <Notice variant={alertOf[health.state]} isInline title={first.message}>
          {more.map((reason) => (
            <p key={reason.code + (reason.unit ?? '')}>{reason.message}</p>
          ))}
        </Notice>
      )}
      {node.mismatches.map(({ member, decided, reported }) => (
        <Notice key={member} variant="warning" isInline title={`The ${memberNames[member]} differs from what the agent reports`}>
          Here it is <strong className="mp-break">{decided}</strong>, the agent reports <strong className="mp-break">{reported}</strong>.
          Correct one of the two.
        </Notice>
      ))}
      {node.notes !== '' && <p className="mp-notes">{node.notes}</p>}
    </header>
  );
}
