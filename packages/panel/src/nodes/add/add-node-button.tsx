import type { Session } from '@muster/api';
import PlusIcon from '@patternfly/react-icons/dist/esm/icons/plus-icon';
import { useState } from 'react';
import { RefusedButton } from '../../ui/refused-button.tsx';
import { roleRefusal } from '../../ui/role-refusal.ts';
import { AddNodeDialog } from './add-node-dialog.tsx';

/** Opens the dialog that adds a node. */
export function AddNodeButton({ session }: { session: Session }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <RefusedButton
        variant="primary"
        size="sm"
        icon={<PlusIcon />}
        refusal={roleRefusal(session, 'administrator')}
        onClick={() => setIsOpen(true)}
      >
        Add new node
      </RefusedButton>
      {isOpen && <AddNodeDialog onClose={() => setIsOpen(false)} />}
    </>
  );
}
