import type { AuditEntry } from '@muster/api';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { NotKnown } from '../ui/not-known.tsx';
import { OutputText } from '../ui/output-text.tsx';
import { printable } from '../ui/printable.ts';
import { differencesOf } from './difference.ts';

/** What was sent, what it changed, and what was answered. */
export function AuditDetails({ entry }: { entry: AuditEntry }) {
  const differences = differencesOf(entry);
  return (
    <div className="mp-stack">
      {entry.message !== null && (
        <p className="mp-message">
          {printable(entry.message)} {entry.status !== null && <span className="mp-quiet">(status {entry.status})</span>}
        </p>
      )}
      {entry.leftOut > 0 && (
        <p className="mp-quiet">Before this one, {entry.leftOut} entries about nobody were not written: there were too many.</p>
      )}
      {entry.input !== null && <OutputText text={JSON.stringify(entry.input, undefined, 2)} label={`What was sent, entry ${entry.id}`} />}
      {differences.length > 0 && (
        <Table aria-label={`What changed, entry ${entry.id}`} variant="compact" gridBreakPoint="grid-md" className="mp-table">
          <Thead>
            <Tr>
              <Th>Member</Th>
              <Th>Before</Th>
              <Th>After</Th>
            </Tr>
          </Thead>
          <Tbody>
            {differences.map(({ member, before, after }) => (
              <Tr key={member}>
                <Td dataLabel="Member">{member}</Td>
                <Td dataLabel="Before" className="mp-break">
                  {before === undefined ? <NotKnown because="none" /> : printable(before)}
                </Td>
                <Td dataLabel="After" className="mp-break">
                  {after === undefined ? <NotKnown because="none" /> : printable(after)}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
      {entry.input === null && differences.length === 0 && entry.message === null && <p className="mp-quiet">Nothing more is known.</p>}
    </div>
  );
}
