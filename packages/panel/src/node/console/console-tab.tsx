import type { Node, Session } from '@muster/api';
import { refusalOf } from '@muster/core';
import { Button, Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { consoleQuery } from '../../api/queries.ts';
import { printable } from '../../ui/printable.ts';
import { Unanswered } from '../../ui/unanswered.tsx';
import { ConsoleTerminal } from './console-terminal.tsx';
import './console.css';

const kinds = { ipmi: 'serial over LAN (IPMI)', redfish: 'Redfish', ssh: 'a shell over SSH' } as const;

/** The console of a node. It is opened when somebody asks, and held by nobody who does not watch it. */
export function ConsoleTab({ node, session }: { node: Node; session: Session }) {
  const refusal = refusalOf(session, 'console', node);
  return (
    <Card component="section" aria-labelledby="console-title">
      <CardTitle component="h2" id="console-title">
        Console
      </CardTitle>
      <CardBody className="mp-stack">{refusal === undefined ? <ConsoleOf node={node} /> : <p className="mp-quiet">{refusal}</p>}</CardBody>
    </Card>
  );
}

/** Which visit it is, counted, so that another one begins anew. */
type Visit = { readonly readOnly: boolean; readonly number: number };

function ConsoleOf({ node }: { node: Node }) {
  const { data, error, failureReason } = useQuery(consoleQuery(node.id));
  const [visit, setVisit] = useState<Visit | null>(null);
  const open = (readOnly: boolean) => setVisit({ readOnly, number: (visit?.number ?? 0) + 1 });
  if (visit !== null) {
    const { readOnly, number } = visit;
    return (
      <ConsoleTerminal
        key={number}
        node={node.id}
        nodeName={node.name}
        readOnly={readOnly}
        onClose={() => setVisit(null)}
        onAgain={() => open(readOnly)}
      />
    );
  }
  return (
    <>
      <Unanswered data={data} error={error} failureReason={failureReason} label="Asking how the console is reached" />
      {data?.reason != null && <p>{printable(data.reason)}</p>}
      {data?.kind != null && (
        <>
          <p>
            By {kinds[data.kind]}.{' '}
            {data.open === null ? 'Nobody has it open.' : `Open on ${printable(data.open.serverName)}, ${data.open.viewers} watching.`}
          </p>
          <div className="mp-console__bar">
            <Button onClick={() => open(false)}>Open console</Button>
            <Button variant="secondary" onClick={() => open(true)}>
              Open to read only
            </Button>
          </div>
        </>
      )}
    </>
  );
}
