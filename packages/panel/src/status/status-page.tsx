import type { ServerStatus } from '@muster/api';
import {
  Card,
  CardBody,
  CardTitle,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  PageSection,
  Title,
} from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { statusQuery } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { formatAge } from '../ui/format.ts';
import { Loading } from '../ui/loading.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemState } from '../ui/problem-alert.tsx';

/** The server itself: version, the times in force, the liveness monitor. */
export function StatusPage() {
  useDocumentTitle('Status');
  const { data, error, failureReason } = useQuery(statusQuery);
  const problem = data === undefined ? (error ?? failureReason) : null;
  return (
    <PageSection isFilled>
      <Title headingLevel="h1" className="mp-title">
        Status
      </Title>
      {problem !== null && <ProblemState error={problem} />}
      {problem === null && data === undefined && <Loading label="Loading the status" />}
      {data !== undefined && (
        <div className="mp-halves">
          <ServerCard status={data} />
          <LivenessCard status={data} />
        </div>
      )}
    </PageSection>
  );
}

function Part({ id, title, rows }: { id: string; title: string; rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <Card component="section" aria-labelledby={id}>
      <CardTitle component="h2" id={id}>
        {title}
      </CardTitle>
      <CardBody>
        <DescriptionList isHorizontal isCompact horizontalTermWidthModifier={{ default: '14ch', md: '22ch' }}>
          {rows.map(([term, value]) => (
            <DescriptionListGroup key={term}>
              <DescriptionListTerm>{term}</DescriptionListTerm>
              <DescriptionListDescription className="mp-break">{value}</DescriptionListDescription>
            </DescriptionListGroup>
          ))}
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

const ServerCard = ({ status }: { status: ServerStatus }) => (
  <Part
    id="status-server"
    title="Server"
    rows={[
      ['Version', status.version],
      ['Running since', <Moment key="since" at={status.startedAt} />],
      ['Agents reach it at', status.agentAddresses.join(', ') || 'no address'],
      ['Heartbeats', `every ${formatAge(status.heartbeatIntervalSeconds)}`],
      ['A node is bad after', `${formatAge(status.heartbeatTimeoutSeconds)} of silence`],
      [
        'Grace',
        status.graceUntil === null ? (
          'over'
        ) : (
          <span key="grace">
            no node is called bad until <Moment at={status.graceUntil} />, because the server just came up
          </span>
        ),
      ],
      ['Fingerprint of its authority', <code key="fingerprint">{status.caFingerprint}</code>],
    ]}
  />
);

const to = (state: string) => `${paths.nodes}?agent=${state}`;

function LivenessCard({ status: { agentLiveness: liveness } }: { status: ServerStatus }) {
  return (
    <Part
      id="status-liveness"
      title="Liveness monitor"
      rows={[
        ['State', liveness.enabled ? 'on: it restarts agents that are not heard' : 'off: nothing restarts agents by itself'],
        ['Threshold', `${formatAge(liveness.effectiveThresholdSeconds)} in force (${formatAge(liveness.thresholdSeconds)} configured)`],
        ['Brake', liveness.brake === null ? 'off' : `on: ${liveness.brake.message}`],
        [
          'Being restarted',
          <Link key="restarting" to={to('restarting')}>
            {liveness.restarting}
          </Link>,
        ],
        [
          'Need attention',
          <Link key="attention" to={to('needs-attention')}>
            {liveness.needsAttention}
          </Link>,
        ],
        [
          'Stopped on purpose',
          <Link key="stopped" to={to('stopped')}>
            {liveness.stopped}
          </Link>,
        ],
      ]}
    />
  );
}
