import type { OperationCreate } from '@muster/api';
import { useState, type ReactNode } from 'react';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { NamedNodes } from '../../ui/named-nodes.tsx';
import type { ActionDialogProps } from './action-dialog.ts';
import { paceFaults, PaceFields } from './pace-fields.tsx';
import { noPace, useStartOperation } from './use-start-operation.ts';

type Props = ActionDialogProps & {
  readonly title: string;
  readonly submitText: string;
  readonly children: ReactNode;
  readonly spec: OperationCreate['spec'];
};

/** Asks before an operation that takes no more than its nodes and its pace. */
export function PlainOperationDialog({ nodes, onClose, title, submitText, children, spec }: Props) {
  const [pace, setPace] = useState(noPace);
  const start = useStartOperation(nodes, onClose);
  const faults = paceFaults(pace);
  return (
    <FormDialog
      title={title}
      submitText={submitText}
      isPending={start.isPending}
      isDisabled={Object.keys(faults).length > 0}
      error={start.error}
      errorTitle="It was not started"
      onSubmit={() => start.mutate({ spec, pace })}
      onClose={onClose}
    >
      {children}
      <NamedNodes names={nodes.map(({ name }) => name)} />
      <PaceFields pace={pace} onPace={setPace} faults={faults} />
    </FormDialog>
  );
}
