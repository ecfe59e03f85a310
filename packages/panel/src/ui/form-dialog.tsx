import { Button, Form, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useId, type ReactNode, type SubmitEvent } from 'react';
import { ProblemAlert } from './problem-alert.tsx';

type Props = {
  readonly title: string;
  readonly description?: ReactNode;
  /** What the button says that does it. */
  readonly submitText: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly errorTitle: string;
  readonly width?: 'small' | 'medium' | 'large';
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** A dialog that asks before it does something. An error stays in it, with what was filled in. */
export function FormDialog(props: Props) {
  const { title, description, submitText, isDanger = false, isDisabled = false, isPending, error, errorTitle, width = 'medium' } = props;
  const id = useId();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isPending && !isDisabled) props.onSubmit();
  };
  return (
    <Modal isOpen variant={width} onClose={props.onClose} aria-labelledby={`${id}-title`} className="mp-dialog">
      <ModalHeader title={title} labelId={`${id}-title`} {...(description === undefined ? {} : { description })} />
      <ModalBody>
        <Form id={`${id}-form`} onSubmit={submit} noValidate>
          {error !== null && <ProblemAlert error={error} title={errorTitle} />}
          {props.children}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button
          type="submit"
          form={`${id}-form`}
          variant={isDanger ? 'danger' : 'primary'}
          isLoading={isPending}
          isDisabled={isPending || isDisabled}
        >
          {submitText}
        </Button>
        <Button variant="link" onClick={props.onClose}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
