import type { Session } from '@muster/api';
import { useState } from 'react';
import { RefusedButton } from '../ui/refused-button.tsx';
import { wholeRefusal } from '../ui/whole-refusal.ts';
import { StartRunDialog } from './start-run-dialog.tsx';

/** Lets the server run apply; off with the reason for who may not. */
export function StartRun({ session }: { session: Session }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <RefusedButton variant="primary" size="sm" refusal={wholeRefusal(session)} onClick={() => setIsOpen(true)}>
        Start a run
      </RefusedButton>
      {isOpen && <StartRunDialog onClose={() => setIsOpen(false)} />}
    </>
  );
}
