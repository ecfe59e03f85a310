import type { PoolStatus, Session } from '@muster/api';
import { memberWarnings } from '@muster/core';
import { PageSection, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { poolQuery } from '../api/pool-queries.ts';
import { sessionQuery } from '../api/queries.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { formatAge } from '../ui/format.ts';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemState } from '../ui/problem-alert.tsx';
import { RefusedButton } from '../ui/refused-button.tsx';
import { wholeRefusal } from '../ui/whole-refusal.ts';
import { MembersTable } from './members-table.tsx';
import { MoveNodesDialog } from './move-nodes-dialog.tsx';
import { OtherCopies } from './other-copies.tsx';
import { promotionWord, protectionOf } from './pool-words.ts';

/** The servers: how each fares, what it does, which copy of the database it has, and what can be done with it. */
export function PoolPage() {
  useDocumentTitle('Pool');
  const { data: session } = useQuery(sessionQuery);
  const { data, error, failureReason } = useQuery(poolQuery);
  const [isMoving, setIsMoving] = useState(false);
  if (session === undefined || session === null) return null;
  return (
    <PageSection isFilled>
      <div className="mp-head">
        <Title headingLevel="h1">Pool</Title>
        <span className="mp-quiet">Servers that share one database. Any of them is used for anything.</span>
        {data !== undefined && (
          <RefusedButton variant="secondary" size="sm" refusal={wholeRefusal(session)} onClick={() => setIsMoving(true)}>
            Move nodes
          </RefusedButton>
        )}
      </div>
      {data === undefined ? <Missing problem={error ?? failureReason} /> : <Details status={data} session={session} />}
      {data !== undefined && isMoving && <MoveNodesDialog members={data.members} onClose={() => setIsMoving(false)} />}
    </PageSection>
  );
}

const Missing = ({ problem }: { problem: unknown }) =>
  problem === null ? <Loading label="Loading the pool" /> : <ProblemState error={problem} />;

function Details({ status, session }: { status: PoolStatus; session: Session }) {
  const { database, promotion, ageSeconds, leases } = status;
  const protection = protectionOf(database);
  const word = promotionWord(promotion);
  const free = leases.filter(({ serverId }) => serverId === null).map(({ name }) => name);
  return (
    <div className="mp-cards">
      {ageSeconds !== null && (
        <Notice variant="warning" isInline title={`The database does not answer: this is how it was ${formatAge(ageSeconds)} ago`} />
      )}
      {word !== undefined && (
        <Notice variant={word.variant} isInline title={word.title}>
          {promotion?.message}
        </Notice>
      )}
      <Notice variant={protection.variant} isInline isPlain={protection.variant === 'success'} title={protection.title}>
        {database.note}
      </Notice>
      {memberWarnings(status.members, Date.now()).map((warning) => (
        <Notice key={warning} variant="warning" isInline title={warning} />
      ))}
      <MembersTable status={status} session={session} />
      {free.length > 0 && <p className="mp-quiet">Nobody does at the moment: {free.join(', ')}. A server takes it in seconds.</p>}
      <OtherCopies copies={database.copies.filter(({ memberId }) => memberId === null)} />
    </div>
  );
}
