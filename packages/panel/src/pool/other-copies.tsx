import type { DatabaseCopy } from '@muster/api';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { CopyLabel } from './copy-label.tsx';

/** Copies of the database that are on no server's machine. */
export function OtherCopies({ copies }: { copies: readonly DatabaseCopy[] }) {
  if (copies.length === 0) return null;
  return (
    <Card component="section" aria-labelledby="other-copies">
      <CardTitle component="h2" id="other-copies">
        Database on other machines
      </CardTitle>
      <CardBody>
        <Table aria-label="Database on other machines" variant="compact" gridBreakPoint="grid-md" className="mp-table">
          <Thead>
            <Tr>
              <Th width={50}>Place</Th>
              <Th>Copy</Th>
            </Tr>
          </Thead>
          <Tbody>
            {copies.map((copy) => (
              <Tr key={copy.place}>
                <Td dataLabel="Place" className="mp-break">
                  {copy.place}
                </Td>
                <Td dataLabel="Copy">
                  <CopyLabel copy={copy} />
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      </CardBody>
    </Card>
  );
}
