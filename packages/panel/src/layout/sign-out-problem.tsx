import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { ProblemAlert } from '../ui/problem-alert.tsx';

/** Says that the session is still open: leaving a shared machine in the belief of having signed out would be worse. */
export function SignOutProblem({ error, onClose }: { error: unknown; onClose: () => void }) {
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="sign-out-problem">
      <ModalHeader title="You are still signed in" labelId="sign-out-problem" />
      <ModalBody>
        <ProblemAlert error={error} />
      </ModalBody>
      <ModalFooter>
        <Button variant="primary" onClick={onClose}>
          Close
        </Button>
      </ModalFooter>
    </Modal>
  );
}
