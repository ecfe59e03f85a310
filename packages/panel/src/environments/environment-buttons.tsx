import type { Environment, Session } from '@muster/api';
import { useState } from 'react';
import { RefusedButton } from '../ui/refused-button.tsx';
import { roleRefusal } from '../ui/role-refusal.ts';
import { ChangeEnvironmentDialog } from './change-environment-dialog.tsx';
import { CloneEnvironmentDialog } from './clone-environment-dialog.tsx';
import { RemoveEnvironmentDialog } from './remove-environment-dialog.tsx';
import { SyncEnvironmentDialog } from './sync-environment-dialog.tsx';

/** What can be done with an environment. */
export function EnvironmentButtons({ environment, session }: { environment: Environment; session: Session }) {
  const [dialog, setDialog] = useState<'change' | 'sync' | 'clone' | 'remove' | null>(null);
  const close = () => setDialog(null);
  const asOperator = roleRefusal(session, 'operator');
  return (
    <span className="mp-buttons mp-end">
      <RefusedButton variant="secondary" size="sm" refusal={asOperator} onClick={() => setDialog('sync')}>
        Sync
      </RefusedButton>
      <RefusedButton variant="secondary" size="sm" refusal={asOperator} onClick={() => setDialog('change')}>
        Change
      </RefusedButton>
      <RefusedButton variant="secondary" size="sm" refusal={asOperator} onClick={() => setDialog('clone')}>
        Clone
      </RefusedButton>
      <RefusedButton variant="danger" size="sm" refusal={roleRefusal(session, 'administrator')} onClick={() => setDialog('remove')}>
        Remove
      </RefusedButton>
      {dialog === 'sync' && <SyncEnvironmentDialog environment={environment} onClose={close} />}
      {dialog === 'change' && <ChangeEnvironmentDialog environment={environment} onClose={close} />}
      {dialog === 'clone' && <CloneEnvironmentDialog environment={environment} onClose={close} />}
      {dialog === 'remove' && <RemoveEnvironmentDialog environment={environment} onClose={close} />}
    </span>
  );
}
