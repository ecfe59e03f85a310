import type { Event } from '@muster/api';
import { Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link } from 'react-router';
import { paths } from '../paths.ts';
import { sentenceOf } from '../ui/format.ts';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';

const severities = {
  info: { text: 'Info', status: 'info' },
  warning: { text: 'Warning', status: 'warning' },
  error: { text: 'Error', status: 'danger' },
} as const satisfies Record<Event['severity'], { text: string; status: string }>;

/** Events, newest first. */
export function EventsTable({ events, hasNodes }: { events: readonly Event[]; hasNodes: boolean }) {
  return (
    <Table aria-label="Events" variant="compact" gridBreakPoint="grid-md" className="mp-table mp-events">
      <Thead>
        <Tr>
          <Th>Time</Th>
          <Th>Severity</Th>
          <Th>Event</Th>
          {hasNodes && <Th>Node</Th>}
          <Th width={50}>What happened</Th>
        </Tr>
      </Thead>
      <Tbody>
        {events.map((event) => (
          <Tr key={event.id}>
            <Td dataLabel="Time" modifier="nowrap">
              <Moment at={event.at} />
            </Td>
            <Td dataLabel="Severity">
              <Label status={severities[event.severity].status} isCompact variant="outline">
                {severities[event.severity].text}
              </Label>
            </Td>
            <Td dataLabel="Event" modifier="nowrap">
              {sentenceOf(event.kind)}
            </Td>
            {hasNodes && (
              <Td dataLabel="Node" className="mp-event-node">
                {event.nodeName === null ? (
                  <NotKnown because="about no node" />
                ) : (
                  <Link to={paths.node(event.nodeName)} title={event.nodeName}>
                    {event.nodeName}
                  </Link>
                )}
              </Td>
            )}
            <Td dataLabel="What happened" className="mp-break">
              {event.message}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
