import type { Operation, OperationResult } from '@muster/api';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { operationResultsQuery } from '../api/operation-queries.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { Loading } from '../ui/loading.tsx';
import { OutputText } from '../ui/output-text.tsx';
import { printable } from '../ui/printable.ts';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { byHandOf } from './by-hand.ts';
import { TaskStateLabel } from './state-label.tsx';

/** What came of an operation: nodes with the same result stand together. */
export function ResultsCard({ operation }: { operation: Operation }) {
  const { data, error, failureReason } = useQuery(operationResultsQuery(operation.id));
  const problem = data === undefined ? (error ?? failureReason) : null;
  return (
    <Card component="section" aria-labelledby="operation-results">
      <CardTitle component="h2" id="operation-results">
        Results
      </CardTitle>
      <CardBody>
        {problem !== null && <ProblemAlert error={problem} />}
        {problem === null && data === undefined && <Loading label="Loading the results" />}
        {data?.items.length === 0 && <p className="mp-quiet">No node has a result yet.</p>}
        <ul className="mp-results">
          {data?.items.map((result) => (
            <li key={`${result.range} ${result.state}`}>
              <Result result={result} />
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

function Result({ result }: { result: OperationResult }) {
  const { range, count, state, exitStatus, output, truncated } = result;
  const { message, line } = byHandOf(result.message);
  return (
    <>
      <p className="mp-results__head">
        <TaskStateLabel state={state} />
        <code className="mp-break">{range}</code>
        <span className="mp-quiet">{count === 1 ? '1 node' : `${count} nodes`}</span>
        {exitStatus !== null && <span className="mp-quiet">exit status {exitStatus}</span>}
      </p>
      {message !== '' && <p className="mp-message">{printable(message)}</p>}
      {line !== null && <CopyBlock label="Line to run by hand" text={line} />}
      {output !== '' && <OutputText text={output} label={`Output of ${range}`} isTruncated={truncated} />}
    </>
  );
}
