import type { Laggard } from '@muster/api';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { Link } from 'react-router';
import { paths } from '../paths.ts';
import { Pager, pagerRows } from '../ui/pager.tsx';

/** Who lacks something before the next step, and what. */
export function BehindTable({ behind }: { behind: readonly Laggard[] }) {
  const [offset, setOffset] = useState(0);
  const from = offset < behind.length ? offset : 0;
  return (
    <>
      <Pager label="Pages of who is behind" total={behind.length} offset={from} onOffset={setOffset} />
      <Table aria-label="Not caught up" variant="compact" gridBreakPoint="grid-md" className="mp-table">
        <Thead>
          <Tr>
            <Th width={40}>Not caught up</Th>
            <Th width={40}>What is missing</Th>
            <Th>Connection</Th>
          </Tr>
        </Thead>
        <Tbody>
          {behind.slice(from, from + pagerRows).map((one) => (
            <Tr key={`${one.kind} ${one.name}`}>
              <Td dataLabel="Not caught up" className="mp-break">
                {one.kind === 'node' ? <Link to={paths.node(one.name)}>{one.name}</Link> : `server ${one.name}`}
              </Td>
              <Td dataLabel="What is missing" className="mp-break">
                {one.lacks}
              </Td>
              <Td dataLabel="Connection">{one.connected ? 'connected' : 'not connected'}</Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </>
  );
}
