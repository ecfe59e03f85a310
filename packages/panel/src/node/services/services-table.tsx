import type { Node, NodeService, ServiceAction, Session } from '@muster/api';
import { refusalOf } from '@muster/core';
import { Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { PlainOperationDialog } from '../../nodes/actions/plain-operation-dialog.tsx';
import { sentenceOf } from '../../ui/format.ts';
import { Moment } from '../../ui/moment.tsx';
import { NotKnown } from '../../ui/not-known.tsx';
import { roleRefusal } from '../../ui/role-refusal.ts';
import { serviceLooks } from './service-looks.ts';
import { ServiceMenu } from './service-menu.tsx';

type Props = {
  readonly services: readonly NodeService[];
  readonly node: Node;
  readonly session: Session;
  readonly onJournal: (unit: string) => void;
};

const meanings: Readonly<Record<ServiceAction, string>> = {
  start: 'The agent starts it.',
  stop: 'A service that is stopped on purpose stays stopped: nothing starts it again by itself.',
  restart: 'The agent restarts it.',
};

export function ServicesTable({ services, node, session, onJournal }: Props) {
  const [asked, setAsked] = useState<{ action: ServiceAction; unit: string } | null>(null);
  const refusals = { act: refusalOf(session, 'service', node), read: roleRefusal(session, 'operator') };
  return (
    <>
      <Table aria-label="Services" variant="compact" gridBreakPoint="grid-md" className="mp-table">
        <Thead>
          <Tr>
            <Th>Unit</Th>
            <Th>State</Th>
            <Th>Detail</Th>
            <Th>Since</Th>
            <Th screenReaderText="Actions" />
          </Tr>
        </Thead>
        <Tbody>
          {services.map(({ unit, state, detail, since }) => (
            <Tr key={unit}>
              <Td dataLabel="Unit" className="mp-break">
                {unit}
              </Td>
              <Td dataLabel="State">
                <Label {...serviceLooks[state]} isCompact>
                  {sentenceOf(state)}
                </Label>
              </Td>
              <Td dataLabel="Detail" className="mp-break">
                {detail === '' ? <NotKnown because="no detail" /> : detail}
              </Td>
              <Td dataLabel="Since">{since === null ? <NotKnown /> : <Moment at={since} />}</Td>
              <Td isActionCell>
                <ServiceMenu
                  unit={unit}
                  refusals={refusals}
                  onAct={(action) => setAsked({ action, unit })}
                  onJournal={() => onJournal(unit)}
                />
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {asked !== null && (
        <PlainOperationDialog
          nodes={[node]}
          title={`${sentenceOf(asked.action)} ${asked.unit}`}
          submitText={`${sentenceOf(asked.action)} service`}
          spec={{ kind: 'service', ...asked }}
          onClose={() => setAsked(null)}
        >
          <p>{meanings[asked.action]}</p>
        </PlainOperationDialog>
      )}
    </>
  );
}
