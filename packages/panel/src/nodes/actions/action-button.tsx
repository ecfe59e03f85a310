import { RefusedButton } from '../../ui/refused-button.tsx';
import type { OfferedAction } from './actions-menu.tsx';
import type { BulkAction } from './bulk-actions.ts';

type Props = OfferedAction & { readonly onChoose: (action: BulkAction) => void };

/** An action as a button. */
export function ActionButton({ action, refusal, onChoose }: Props) {
  return (
    <RefusedButton variant={action.isDanger === true ? 'danger' : 'secondary'} size="sm" refusal={refusal} onClick={() => onChoose(action)}>
      {action.text}
    </RefusedButton>
  );
}
