import type { Environment } from '@muster/api';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { isNotFound } from '../api/describe-error.ts';
import { environmentPackagesQuery } from '../api/environment-queries.ts';
import { Loading } from '../ui/loading.tsx';
import { Moment } from '../ui/moment.tsx';
import { printable } from '../ui/printable.ts';
import { ProblemAlert } from '../ui/problem-alert.tsx';

/** The packages in an environment, as a node listed them. */
export function PackagesCard({ environment }: { environment: Environment }) {
  const { data, error, failureReason } = useQuery(environmentPackagesQuery(environment.id));
  const problem = data === undefined ? (error ?? failureReason) : null;
  return (
    <Card component="section" aria-labelledby="environment-packages">
      <CardTitle component="h2" id="environment-packages">
        Packages
      </CardTitle>
      <CardBody className="mp-stack">
        {isNotFound(problem) && <p className="mp-quiet">No node has listed them yet.</p>}
        {problem !== null && !isNotFound(problem) && <ProblemAlert error={problem} />}
        {problem === null && data === undefined && <Loading label="Loading the packages" />}
        {data !== undefined && (
          <>
            <p className="mp-quiet mp-break">
              Version {data.version}, as {data.nodeName} listed it, <Moment at={data.listedAt} />
              {data.truncated && '; there are more'}
            </p>
            <Table aria-label="Packages" variant="compact" gridBreakPoint="" className="mp-table">
              <Thead>
                <Tr>
                  <Th>Package</Th>
                  <Th>Version</Th>
                  <Th>From</Th>
                </Tr>
              </Thead>
              <Tbody>
                {data.items.map((one) => (
                  <Tr key={`${one.name} ${one.version}`}>
                    <Td className="mp-break">{printable(one.name)}</Td>
                    <Td className="mp-break">{printable(one.version)}</Td>
                    <Td className="mp-break">{printable(one.source)}</Td>
                  </Tr>
                ))}
              </Tbody>
            </Table>
          </>
        )}
      </CardBody>
    </Card>
  );
}
