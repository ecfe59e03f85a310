import type { AuthorityInfo, AuthorityStatus, Session } from '@muster/api';
import { Card, CardBody, CardTitle, Label, PageSection, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { authorityQuery, sessionQuery } from '../api/queries.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Loading } from '../ui/loading.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemState } from '../ui/problem-alert.tsx';
import { RotationCard } from './rotation-card.tsx';

/** The certificate authority, and how far its replacement is. */
export function AuthorityPage() {
  useDocumentTitle('Authority');
  const { data: session } = useQuery(sessionQuery);
  const { data, error, failureReason } = useQuery(authorityQuery);
  const problem = data === undefined ? (error ?? failureReason) : null;
  return (
    <PageSection isFilled>
      <div className="mp-head">
        <Title headingLevel="h1">Authority</Title>
        <span className="mp-quiet">It signs the certificates of nodes and servers.</span>
      </div>
      {problem !== null && <ProblemState error={problem} />}
      {problem === null && data === undefined && <Loading label="Loading the authority" />}
      {data !== undefined && session !== undefined && session !== null && <Details status={data} session={session} />}
    </PageSection>
  );
}

function Details({ status, session }: { status: AuthorityStatus; session: Session }) {
  return (
    <div className="mp-cards">
      <RotationCard status={status} session={session} />
      <Card component="section" aria-labelledby="trusted">
        <CardTitle component="h2" id="trusted">
          Trusted authorities
        </CardTitle>
        <CardBody>
          <Table aria-label="Trusted authorities" variant="compact" gridBreakPoint="grid-md" className="mp-table">
            <Thead>
              <Tr>
                <Th>Generation</Th>
                <Th>What it does</Th>
                <Th width={40}>Fingerprint</Th>
                <Th>Made</Th>
                <Th>Valid until</Th>
              </Tr>
            </Thead>
            <Tbody>
              {status.trusted.map((one) => (
                <Tr key={one.generation}>
                  <Td dataLabel="Generation">{one.generation}</Td>
                  <Td dataLabel="What it does">
                    <Duties authority={one} />
                  </Td>
                  <Td dataLabel="Fingerprint">
                    <code className="mp-break">{one.fingerprint}</code>
                  </Td>
                  <Td dataLabel="Made">
                    <Moment at={one.createdAt} isDateOnly />
                  </Td>
                  <Td dataLabel="Valid until">
                    <Moment at={one.notAfter} isDateOnly />
                  </Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        </CardBody>
      </Card>
    </div>
  );
}

function Duties({ authority: { issues, shows } }: { authority: AuthorityInfo }) {
  const duties = [issues ? 'signs for nodes' : '', shows ? 'shown by servers' : ''].filter((one) => one !== '');
  return (
    <span className="mp-labels">
      {(duties.length === 0 ? ['only trusted'] : duties).map((duty) => (
        <Label key={duty} isCompact variant="outline">
          {duty}
        </Label>
      ))}
    </span>
  );
}
