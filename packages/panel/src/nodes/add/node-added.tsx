import type { JoinToken } from '@muster/api';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { Link } from 'react-router';
import { paths } from '../../paths.ts';
import { JoinInstructions } from './join-instructions.tsx';

/** What is to be done on the host now. */
export function NodeAdded({
  name,
  token,
  onClose,
  isNew = true,
}: {
  name: string;
  token: JoinToken;
  onClose: () => void;
  isNew?: boolean;
}) {
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="node-added">
      <ModalHeader title={isNew ? `${name} is added` : `${name} may enrol again`} labelId="node-added" />
      <ModalBody className="mp-stack">
        <JoinInstructions token={token} />
      </ModalBody>
      <ModalFooter>
        <Button variant="primary" onClick={onClose}>
          Close
        </Button>
        {isNew && (
          <Link to={paths.node(name)} className="pf-v6-c-button pf-m-link">
            Open the node
          </Link>
        )}
      </ModalFooter>
    </Modal>
  );
}
