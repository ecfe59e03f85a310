import type { NodeService, NodeServices } from '@muster/api';
import { Alert, Card, CardBody, CardTitle, Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { servicesQuery } from '../api/queries.ts';
import { sentenceOf } from '../ui/format.ts';
import { Loading } from '../ui/loading.tsx';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { serviceLooks } from './service-looks.ts';

/** The services watched on a node. */
export function ServicesCard({ nodeId }: { nodeId: string }) {
  const { data, error, failureReason } = useQuery(servicesQuery(nodeId));
  const problem = data === undefined ? (error ?? failureReason) : null;
  return (
    <Card component="section" aria-labelledby="node-services">
      <CardTitle component="h2" id="node-services">
        Services
      </CardTitle>
      <CardBody>
        {problem !== null && <ProblemAlert error={problem} />}
        {problem === null && data === undefined && <Loading label="Loading the services" />}
        {data !== undefined && <Services services={data} />}
      </CardBody>
    </Card>
  );
}

function Services({ services: { items, unavailableReason } }: { services: NodeServices }) {
  return (
    <>
      {unavailableReason !== null && (
        <Alert variant="info" isInline isPlain title="Services cannot be watched on this node">
          {unavailableReason}
        </Alert>
      )}
      {unavailableReason === null && items.length === 0 && <p className="mp-quiet">The agent watches no service.</p>}
      {items.length > 0 && <ServicesTable services={items} />}
    </>
  );
}

function ServicesTable({ services }: { services: readonly NodeService[] }) {
  return (
    <Table aria-label="Services" variant="compact" gridBreakPoint="grid-md" className="mp-table">
      <Thead>
        <Tr>
          <Th>Unit</Th>
          <Th>State</Th>
          <Th>Detail</Th>
          <Th>Since</Th>
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
            <Td dataLabel="Since" modifier="nowrap">
              {since === null ? <NotKnown /> : <Moment at={since} />}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
