import type { ApiKey } from '@muster/api';
import { Button, Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { grantText, roleTexts } from './grant-text.ts';

const states = {
  active: { text: 'Active', color: 'green' },
  expired: { text: 'Expired', color: 'grey' },
  revoked: { text: 'Revoked', color: 'grey' },
  unusable: { text: 'Not usable', color: 'orange' },
} as const satisfies Record<ApiKey['state'], { text: string; color: 'grey' | 'green' | 'orange' }>;

type Props = { readonly keys: readonly ApiKey[]; readonly hasOwners: boolean; readonly onRevoke: (key: ApiKey) => void };

/** Keys for programs. */
export function KeysTable({ keys, hasOwners, onRevoke }: Props) {
  return (
    <Table aria-label="API keys" variant="compact" gridBreakPoint="grid-md" className="mp-table">
      <Thead>
        <Tr>
          <Th width={20}>Name</Th>
          {hasOwners && <Th>Made by</Th>}
          <Th width={20}>Role</Th>
          <Th>State</Th>
          <Th>Expires</Th>
          <Th>Last used</Th>
          <Th screenReaderText="Actions" />
        </Tr>
      </Thead>
      <Tbody>
        {keys.map((key) => (
          <Tr key={key.id}>
            <Td dataLabel="Name" className="mp-break">
              {key.name}
              <span className="mp-under mp-quiet">
                <code>{key.prefix}…</code>
              </span>
            </Td>
            {hasOwners && (
              <Td dataLabel="Made by" className="mp-break">
                {key.ownerName}
              </Td>
            )}
            <Td dataLabel="Role">
              {roleTexts[key.role].text}
              <span className="mp-under mp-quiet">{grantText(key)}</span>
            </Td>
            <Td dataLabel="State">
              <Label isCompact variant="outline" color={states[key.state].color}>
                {states[key.state].text}
              </Label>
            </Td>
            <Td dataLabel="Expires">
              <Moment at={key.expiresAt} isDateOnly />
            </Td>
            <Td dataLabel="Last used">
              {key.lastUsedAt === null ? <NotKnown because="never" /> : <Moment at={key.lastUsedAt} />}
              {key.lastUsedFrom !== null && <span className="mp-under mp-quiet">from {key.lastUsedFrom}</span>}
            </Td>
            <Td isActionCell>
              {key.state === 'active' && (
                <Button variant="secondary" size="sm" isDanger aria-label={`Revoke the key ${key.name}`} onClick={() => onRevoke(key)}>
                  Revoke
                </Button>
              )}
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
