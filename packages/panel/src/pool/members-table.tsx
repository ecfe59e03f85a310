import type { Member, PoolStatus, Session } from '@muster/api';
import { firstCertificateEnd } from '@muster/core';
import { Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { formatSkew } from '../ui/format.ts';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { CopyLabel } from './copy-label.tsx';
import { MemberMenu } from './member-menu.tsx';
import { memberLook } from './pool-words.ts';

type Props = { readonly status: PoolStatus; readonly session: Session };

/** A row for each server. */
export function MembersTable({ status, session }: Props) {
  return (
    <Table aria-label="Servers" variant="compact" gridBreakPoint="grid-lg" className="mp-table">
      <Thead>
        <Tr>
          <Th width={20}>Server</Th>
          <Th>State</Th>
          <Th>Agents</Th>
          <Th width={20}>Database</Th>
          <Th width={25}>Does</Th>
          <Th>Version</Th>
          <Th>Clock</Th>
          <Th modifier="nowrap">Certificates until</Th>
          <Th screenReaderText="Actions" />
        </Tr>
      </Thead>
      <Tbody>
        {status.members.map((member) => (
          <Row key={member.id} member={member} status={status} session={session} />
        ))}
      </Tbody>
    </Table>
  );
}

function Row({ member, status, session }: Props & { readonly member: Member }) {
  const { text, ...look } = memberLook(member);
  const copies = status.database.copies.filter(({ memberId }) => memberId === member.id);
  const does = status.leases.filter(({ serverId }) => serverId === member.id).map(({ name }) => name);
  const end = firstCertificateEnd(member);
  const more = [member.zone === '' ? '' : `zone ${member.zone}`, member.id === status.answeredBy ? 'answers here' : ''].filter(Boolean);
  return (
    <Tr>
      <Td dataLabel="Server" className="mp-break">
        <a href={member.panelUrl}>{member.name}</a>
        {more.length > 0 && <span className="mp-under mp-quiet">{more.join(', ')}</span>}
      </Td>
      <Td dataLabel="State">
        <Label isCompact {...look}>
          {text}
        </Label>
      </Td>
      <Td dataLabel="Agents" className="mp-number">
        {member.agents}
      </Td>
      <Td dataLabel="Database">
        {copies.length === 0 ? <NotKnown because="no copy" /> : copies.map((copy) => <CopyLabel key={copy.place} copy={copy} />)}
      </Td>
      <Td dataLabel="Does" className="mp-break">
        {does.length === 0 ? <NotKnown because="nothing that one does at a time" /> : does.join(', ')}
      </Td>
      <Td dataLabel="Version">
        {member.version}
        <span className="mp-under mp-quiet">
          since <Moment at={member.startedAt} isDateOnly />
        </span>
      </Td>
      <Td dataLabel="Clock">{formatSkew(member.clockSkewMs / 1000)}</Td>
      <Td dataLabel="Certificates until" modifier="nowrap">
        {end === null ? <NotKnown because="it does not say" /> : <Moment at={end} isDateOnly />}
      </Td>
      <Td isActionCell>
        <MemberMenu member={member} status={status} session={session} />
      </Td>
    </Tr>
  );
}
