import {
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  Modal,
  ModalBody,
  ModalHeader,
} from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { statusQuery } from '../api/queries.ts';
import { Loading } from '../ui/loading.tsx';
import { Moment } from '../ui/moment.tsx';
import { ProblemAlert } from '../ui/problem-alert.tsx';

/** What runs here: version, since when, and the figures in force. */
export function AboutDialog({ onClose }: { onClose: () => void }) {
  const { data: status, error, failureReason } = useQuery(statusQuery);
  const problem = error ?? failureReason;
  const rows =
    status === undefined
      ? []
      : ([
          ['Version', status.version],
          ['Running since', <Moment key="since" at={status.startedAt} />],
          ['Agents reach it at', status.agentAddresses.join(', ') || 'no address'],
          ['Heartbeats', `every ${status.heartbeatIntervalSeconds} s; a node is bad after ${status.heartbeatTimeoutSeconds} s of silence`],
          ['Fingerprint of its authority', <code key="fingerprint">{status.caFingerprint}</code>],
        ] as const);
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="about-title">
      <ModalHeader title="About Muster" labelId="about-title" description="One program for the whole life of a cluster machine." />
      <ModalBody>
        {status === undefined && (problem === null ? <Loading /> : <ProblemAlert error={problem} />)}
        <DescriptionList isHorizontal isCompact horizontalTermWidthModifier={{ default: '14ch', md: '28ch' }}>
          {rows.map(([term, value]) => (
            <DescriptionListGroup key={term}>
              <DescriptionListTerm>{term}</DescriptionListTerm>
              <DescriptionListDescription className="mp-break">{value}</DescriptionListDescription>
            </DescriptionListGroup>
          ))}
        </DescriptionList>
      </ModalBody>
    </Modal>
  );
}
