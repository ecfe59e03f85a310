import type { AuditEntry } from '@muster/api';
import { foldNames } from '@muster/core';
import { Button, Label, type LabelProps } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { printable } from '../ui/printable.ts';
import { AuditDetails } from './audit-details.tsx';

const results: Readonly<Record<AuditEntry['result'], Pick<LabelProps, 'status' | 'color' | 'variant'> & { text: string }>> = {
  done: { text: 'Done', status: 'success', variant: 'outline' },
  refused: { text: 'Refused', status: 'warning', variant: 'outline' },
  failed: { text: 'Failed', status: 'danger' },
  unknown: { text: 'Not known', color: 'grey' },
};

/** Entries of the log, newest first; each opens to what was sent, and what it changed. */
export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <Table aria-label="Audit log" variant="compact" gridBreakPoint="grid-md" className="mp-table">
      <Thead>
        <Tr>
          <Th>Time</Th>
          <Th width={20}>Who</Th>
          <Th width={20}>What</Th>
          <Th width={25}>About</Th>
          <Th>Result</Th>
          <Th screenReaderText="Details" />
        </Tr>
      </Thead>
      <Tbody>
        {entries.map((entry) => (
          <AuditRow key={entry.id} entry={entry} />
        ))}
      </Tbody>
    </Table>
  );
}

function AuditRow({ entry }: { entry: AuditEntry }) {
  const [isOpen, setIsOpen] = useState(false);
  const { text, ...look } = results[entry.result];
  return (
    <>
      <Tr>
        <Td dataLabel="Time" modifier="nowrap">
          <Moment at={entry.at} />
        </Td>
        <Td dataLabel="Who" className="mp-break">
          {printable(entry.who.name)}
          <span className="mp-under mp-quiet">
            {whoText(entry)} from {entry.from}
          </span>
        </Td>
        <Td dataLabel="What" className="mp-break">
          {wordsOf(entry.what)}
        </Td>
        <Td dataLabel="About" className="mp-break">
          <About entry={entry} />
        </Td>
        <Td dataLabel="Result">
          <Label {...look} isCompact title={entry.message ?? undefined}>
            {text}
          </Label>
        </Td>
        <Td>
          <Button
            variant="link"
            isInline
            size="sm"
            aria-expanded={isOpen}
            aria-label={`${isOpen ? 'Hide' : 'Show'} details of entry ${entry.id}`}
            onClick={() => setIsOpen(!isOpen)}
          >
            {isOpen ? 'Hide' : 'Details'}
          </Button>
        </Td>
      </Tr>
      {isOpen && (
        <Tr>
          <Td colSpan={6}>
            <AuditDetails entry={entry} />
          </Td>
        </Tr>
      )}
    </>
  );
}

/** `removeNode` as a person writes it: `Remove node`. */
function wordsOf(route: string): string {
  const words = route.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const whoText = ({ who }: AuditEntry): string =>
  who.kind === 'nobody' ? 'not signed in,' : who.kind === 'key' ? `key, ${who.role ?? 'no role'},` : `${who.role ?? who.kind},`;

function About({ entry: { nodes, target } }: { entry: AuditEntry }) {
  if (nodes.length > 0) {
    return (
      <>
        <span className="mp-clamp">{foldNames(nodes)}</span>
        {nodes.length > 1 && <span className="mp-under mp-quiet">{nodes.length} nodes</span>}
      </>
    );
  }
  if (target === null) return <NotKnown because="nothing in particular" />;
  return <>{printable(target.name ?? target.id ?? target.kind)}</>;
}
