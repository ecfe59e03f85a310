import type { ReactNode } from 'react';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { NamedNodes } from '../../ui/named-nodes.tsx';
import type { ActionDialogProps } from './action-dialog.ts';
import { useNodeAction, type AskedAction } from './use-node-action.ts';

type Props = ActionDialogProps & {
  readonly title: string;
  /** What is said afterwards, before the number of nodes: `Cordoned`. */
  readonly done: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly asked: AskedAction;
  readonly children: ReactNode;
};

/** Asks before something is done with nodes at once, all of them or none. */
export function PlainActionDialog({ nodes, onClose, title, done, isDanger = false, isDisabled = false, asked, children }: Props) {
  const act = useNodeAction(nodes, done, onClose);
  return (
    <FormDialog
      title={title}
      submitText={title}
      isDanger={isDanger}
      isDisabled={isDisabled}
      isPending={act.isPending}
      error={act.error}
      errorTitle="Nothing was changed"
      onSubmit={() => act.mutate(asked)}
      onClose={onClose}
    >
      <NamedNodes names={nodes.map(({ name }) => name)} />
      {children}
    </FormDialog>
  );
}
