import type { Node, NodeCertificate, Session } from '@muster/api';
import { Card, CardBody, CardHeader, CardTitle, Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { certificatesQuery } from '../api/queries.ts';
import { RotateDialog } from '../nodes/actions/rotate-dialog.tsx';
import { whyNot } from '../nodes/actions/why-not.ts';
import { shortSerial } from '../ui/format.ts';
import { Loading } from '../ui/loading.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { RefusedButton } from '../ui/refused-button.tsx';

/** The certificates signed for a node, newest first. */
export function CertificatesCard({ node, session }: { node: Node; session: Session }) {
  const [isAsking, setIsAsking] = useState(false);
  const { data, error, failureReason } = useQuery(certificatesQuery(node.id));
  const problem = data === undefined ? (error ?? failureReason) : null;
  return (
    <Card component="section" aria-labelledby="node-certificates">
      <CardHeader
        actions={{
          actions: (
            <RefusedButton variant="secondary" size="sm" refusal={whyNot(session, 'rotate', [node])} onClick={() => setIsAsking(true)}>
              Rotate host keys
            </RefusedButton>
          ),
        }}
      >
        <CardTitle component="h2" id="node-certificates">
          Certificates
        </CardTitle>
      </CardHeader>
      {isAsking && <RotateDialog nodes={[node]} onClose={() => setIsAsking(false)} />}
      <CardBody>
        {problem !== null && <ProblemAlert error={problem} />}
        {problem === null && data === undefined && <Loading label="Loading the certificates" />}
        {data?.items.length === 0 && <p className="mp-quiet">No certificate was signed for this node yet.</p>}
        {data !== undefined && data.items.length > 0 && (
          <Table aria-label="Certificates" variant="compact" gridBreakPoint="grid-md" className="mp-table">
            <Thead>
              <Tr>
                <Th>Serial</Th>
                <Th>State</Th>
                <Th>Valid from</Th>
                <Th>Valid until</Th>
              </Tr>
            </Thead>
            <Tbody>
              {data.items.map((certificate) => (
                <Tr key={certificate.serial}>
                  <Td dataLabel="Serial">
                    <code title={`Serial ${certificate.serial}, fingerprint ${certificate.fingerprint}`}>
                      {shortSerial(certificate.serial)}
                    </code>
                  </Td>
                  <Td dataLabel="State">
                    <CertificateState certificate={certificate} isInUse={certificate.serial === node.certificateSerial} />
                  </Td>
                  <Td dataLabel="Valid from" modifier="nowrap">
                    <Moment at={certificate.notBefore} isDateOnly />
                  </Td>
                  <Td dataLabel="Valid until" modifier="nowrap">
                    <Moment at={certificate.notAfter} isDateOnly />
                  </Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        )}
      </CardBody>
    </Card>
  );
}

function CertificateState({ certificate, isInUse }: { certificate: NodeCertificate; isInUse: boolean }) {
  if (certificate.revokedAt !== null) {
    return (
      <>
        <Label status="danger" variant="outline" isCompact>
          Revoked
        </Label>
        <span className="mp-under mp-quiet">
          <Moment at={certificate.revokedAt} />
          {certificate.revocationReason !== null && `: ${certificate.revocationReason}`}
        </span>
      </>
    );
  }
  return isInUse ? (
    <Label status="success" variant="outline" isCompact>
      In use
    </Label>
  ) : (
    <Label color="grey" variant="outline" isCompact>
      Replaced
    </Label>
  );
}
