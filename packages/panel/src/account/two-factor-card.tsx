import type { Session } from '@muster/api';
import { Button, Card, CardBody, CardTitle, Label } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { twoFactorQuery } from '../api/people-queries.ts';
import { Unanswered } from '../ui/unanswered.tsx';
import { DisableTwoFactorDialog } from './disable-two-factor-dialog.tsx';
import { RecoveryCodesDialog } from './recovery-codes-dialog.tsx';
import { SetUpTwoFactorDialog } from './set-up-two-factor-dialog.tsx';

/** The second factor of whoever is signed in. */
export function TwoFactorCard({ session }: { session: Session }) {
  const { data, error, failureReason } = useQuery(twoFactorQuery);
  const [dialog, setDialog] = useState<'set-up' | 'codes' | 'disable' | null>(null);
  const close = () => setDialog(null);
  return (
    <Card component="section" aria-labelledby="two-factor">
      <CardTitle component="h2" id="two-factor">
        Second factor
      </CardTitle>
      <CardBody className="mp-stack">
        <WhyNotHere session={session} />
        <Unanswered data={data} error={error} failureReason={failureReason} label="Loading the second factor" />
        {data?.enabled === true && (
          <FactorOn codesLeft={data.recoveryCodesLeft} onNewCodes={() => setDialog('codes')} onTurnOff={() => setDialog('disable')} />
        )}
        {data?.enabled === false && session.provider === null && session.hasPassword && (
          <p className="mp-buttons">
            <span>Your password alone suffices to sign in.</span>
            <Button variant="primary" size="sm" onClick={() => setDialog('set-up')}>
              Set up second factor
            </Button>
          </p>
        )}
      </CardBody>
      {dialog === 'set-up' && <SetUpTwoFactorDialog onClose={close} />}
      {dialog === 'codes' && <RecoveryCodesDialog onClose={close} />}
      {dialog === 'disable' && <DisableTwoFactorDialog onClose={close} />}
    </Card>
  );
}

/** Why an account can have no second factor here, if so. */
function WhyNotHere({ session }: { session: Session }) {
  if (session.provider !== null) return <p>You sign in by {session.provider}, which asks for a second factor itself where it is wanted.</p>;
  return session.hasPassword ? null : <p>Set a password first (in the account menu): a second factor goes with it.</p>;
}

type FactorOnProps = { readonly codesLeft: number; readonly onNewCodes: () => void; readonly onTurnOff: () => void };

function FactorOn({ codesLeft, onNewCodes, onTurnOff }: FactorOnProps) {
  return (
    <>
      <p>
        <Label isCompact status="success" variant="outline">
          On
        </Label>{' '}
        A code of your authenticator is asked for besides the password. {codesLeft} recovery codes are left.
      </p>
      <p className="mp-buttons">
        <Button variant="secondary" size="sm" onClick={onNewCodes}>
          New recovery codes
        </Button>
        <Button variant="secondary" size="sm" isDanger onClick={onTurnOff}>
          Turn off
        </Button>
      </p>
    </>
  );
}
