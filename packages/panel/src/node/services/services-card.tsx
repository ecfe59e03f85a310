import type { Node, NodeServices, Session } from '@muster/api';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { servicesQuery } from '../../api/queries.ts';
import { Loading } from '../../ui/loading.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { ServicesTable } from './services-table.tsx';
import { Notice } from '../../ui/notice.tsx';

type Props = { readonly node: Node; readonly session: Session; readonly onJournal: (unit: string) => void };

/** The services watched on a node, what can be done with each, and the way to its journal. */
export function ServicesCard({ node, session, onJournal }: Props) {
  const { data, error, failureReason } = useQuery(servicesQuery(node.id));
  const problem = data === undefined ? (error ?? failureReason) : null;
  return (
    <Card component="section" aria-labelledby="node-services">
      <CardTitle component="h2" id="node-services">
        Services
      </CardTitle>
      <CardBody>
        {problem !== null && <ProblemAlert error={problem} />}
        {problem === null && data === undefined && <Loading label="Loading the services" />}
        {data !== undefined && <NoServices services={data} />}
        {data !== undefined && data.items.length > 0 && (
          <ServicesTable services={data.items} node={node} session={session} onJournal={onJournal} />
        )}
      </CardBody>
    </Card>
  );
}

/** Why there are no services, where there are none. */
function NoServices({ services: { items, unavailableReason } }: { services: NodeServices }) {
  if (unavailableReason !== null) {
    return (
      <Notice variant="info" isInline isPlain title="Services cannot be watched on this node">
        {unavailableReason}
      </Notice>
    );
  }
  return items.length === 0 ? <p className="mp-quiet">The agent watches no service.</p> : null;
}
