import type { Node, NodeEnvironment, NodeSync, Session } from '@muster/api';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { nodeEnvironmentsQuery } from '../../api/environment-queries.ts';
import { WorkText } from '../../environments/work-text.tsx';
import { EnvironmentsOffDialog, EnvironmentsOnDialog, SyncDialog } from '../../nodes/actions/environment-dialogs.tsx';
import { whyNot } from '../../nodes/actions/why-not.ts';
import { paths } from '../../paths.ts';
import { Loading } from '../../ui/loading.tsx';
import { NotKnown } from '../../ui/not-known.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { RefusedButton } from '../../ui/refused-button.tsx';
import { SyncLabel } from '../../ui/sync-label.tsx';

/** The environments of a node: what it should have, what it has, and what is being done about the difference. */
export function EnvironmentsTab({ node, session }: { node: Node; session: Session }) {
  const { data, error, failureReason } = useQuery(nodeEnvironmentsQuery(node.id));
  const problem = data === undefined ? (error ?? failureReason) : null;
  if (problem !== null) return <ProblemAlert error={problem} />;
  if (data === undefined) return <Loading label="Loading the environments" />;
  return (
    <section aria-label="Environments" className="mp-stack">
      <Head sync={data.node} node={node} session={session} />
      {data.items.length === 0 ? (
        <p className="mp-quiet">No environment is meant for this node.</p>
      ) : (
        <EnvironmentsTable items={data.items} />
      )}
    </section>
  );
}

function Head({ sync, node, session }: { sync: NodeSync; node: Node; session: Session }) {
  const [dialog, setDialog] = useState<'on' | 'off' | 'sync' | null>(null);
  const close = () => setDialog(null);
  return (
    <div className="mp-between">
      <p>
        <SyncLabel sync={sync.sync} /> {sync.summary}
      </p>
      <span className="mp-buttons">
        <RefusedButton
          variant="secondary"
          size="sm"
          refusal={whyNot(session, 'sync-environments', [node])}
          onClick={() => setDialog('sync')}
        >
          Sync environments
        </RefusedButton>
        <RefusedButton
          variant="secondary"
          size="sm"
          refusal={whyNot(session, 'change', [node])}
          onClick={() => setDialog(node.environments === 'on' ? 'off' : 'on')}
        >
          {node.environments === 'on' ? 'Environments off' : 'Environments on'}
        </RefusedButton>
      </span>
      {dialog === 'sync' && <SyncDialog nodes={[node]} onClose={close} />}
      {dialog === 'on' && <EnvironmentsOnDialog nodes={[node]} onClose={close} />}
      {dialog === 'off' && <EnvironmentsOffDialog nodes={[node]} onClose={close} />}
    </div>
  );
}

function EnvironmentsTable({ items }: { items: readonly NodeEnvironment[] }) {
  return (
    <Table aria-label="Environments" variant="compact" gridBreakPoint="grid-md" className="mp-table">
      <Thead>
        <Tr>
          <Th>Environment</Th>
          <Th>State</Th>
          <Th>Should have</Th>
          <Th>Has</Th>
          <Th width={40}>What is being done</Th>
        </Tr>
      </Thead>
      <Tbody>
        {items.map((one) => (
          <Tr key={one.environment}>
            <Td dataLabel="Environment">
              <Link to={paths.environment(one.environment)}>{one.environment}</Link>
            </Td>
            <Td dataLabel="State">
              <SyncLabel sync={one.sync} />
            </Td>
            <Td dataLabel="Should have">{one.wantedVersion === null ? 'nothing' : `version ${one.wantedVersion}`}</Td>
            <Td dataLabel="Has">
              {one.observedVersion === null ? <NotKnown because="none, or not reported" /> : `version ${one.observedVersion}`}
            </Td>
            <Td dataLabel="What is being done">
              <WorkText work={one.work} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
