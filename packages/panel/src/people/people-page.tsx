import type { Person, Session } from '@muster/api';
import { Label, PageSection, Title } from '@patternfly/react-core';
import PlusIcon from '@patternfly/react-icons/dist/esm/icons/plus-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { peopleQuery } from '../api/people-queries.ts';
import { sessionQuery } from '../api/queries.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Loading } from '../ui/loading.tsx';
import { Moment } from '../ui/moment.tsx';
import { NotKnown } from '../ui/not-known.tsx';
import { ProblemState } from '../ui/problem-alert.tsx';
import { RefusedButton } from '../ui/refused-button.tsx';
import { AllKeysCard } from './all-keys-card.tsx';
import { grantText, roleTexts } from './grant-text.ts';
import { InviteDialog } from './invite-dialog.tsx';
import { PersonMenu } from './person-menu.tsx';

/** Everyone with an account, and every key. */
export function PeoplePage() {
  useDocumentTitle('People');
  const { data: session } = useQuery(sessionQuery);
  const { data, error, failureReason } = useQuery(peopleQuery);
  const [isInviting, setIsInviting] = useState(false);
  const problem = data === undefined ? (error ?? failureReason) : null;
  if (session === undefined || session === null) return null;
  return (
    <PageSection isFilled>
      <div className="mp-head">
        <Title headingLevel="h1">People</Title>
        <RefusedButton variant="primary" size="sm" icon={<PlusIcon />} refusal={undefined} onClick={() => setIsInviting(true)}>
          Invite somebody
        </RefusedButton>
      </div>
      {problem !== null && <ProblemState error={problem} />}
      {problem === null && data === undefined && <Loading label="Loading the people" />}
      {data !== undefined && <PeopleTable people={data.items} session={session} />}
      {data !== undefined && <AllKeysCard />}
      {isInviting && <InviteDialog session={session} onClose={() => setIsInviting(false)} />}
    </PageSection>
  );
}

const states = {
  invited: { text: 'Invited', color: 'grey' },
  active: { text: 'Active', color: 'green' },
  disabled: { text: 'Disabled', color: 'red' },
} as const satisfies Record<Person['state'], { text: string; color: 'grey' | 'green' | 'red' }>;

function PeopleTable({ people, session }: { people: readonly Person[]; session: Session }) {
  return (
    <Table aria-label="People" variant="compact" gridBreakPoint="grid-md" className="mp-table">
      <Thead>
        <Tr>
          <Th width={25}>Name</Th>
          <Th width={25}>Role</Th>
          <Th>State</Th>
          <Th>Signs in with</Th>
          <Th>Last sign-in</Th>
          <Th screenReaderText="Actions" />
        </Tr>
      </Thead>
      <Tbody>
        {people.map((person) => (
          <Tr key={person.id}>
            <Td dataLabel="Name" className="mp-break">
              {person.name}
              <span className="mp-under mp-quiet">{person.email}</span>
            </Td>
            <Td dataLabel="Role">
              {roleTexts[person.role].text}
              <span className="mp-under mp-quiet">{grantText(person)}</span>
            </Td>
            <Td dataLabel="State">
              <Label isCompact variant="outline" color={states[person.state].color}>
                {states[person.state].text}
              </Label>
            </Td>
            <Td dataLabel="Signs in with">
              {waysOf(person)}
              {person.invitedUntil !== null && (
                <span className="mp-under mp-quiet">
                  link until <Moment at={person.invitedUntil} />
                </span>
              )}
            </Td>
            <Td dataLabel="Last sign-in">
              {person.lastSignInAt === null ? <NotKnown because="never" /> : <Moment at={person.lastSignInAt} />}
            </Td>
            <Td isActionCell>
              <PersonMenu person={person} session={session} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function waysOf({ provider, hasPassword, twoFactor }: Person): string {
  if (provider !== null) return provider;
  if (!hasPassword) return 'a link';
  return twoFactor ? 'password and second factor' : 'password';
}
