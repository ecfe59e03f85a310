import type { AuthorityStatus, RotationStep, Session } from '@muster/api';
import { Card, CardBody, CardTitle, ProgressStep, ProgressStepper } from '@patternfly/react-core';
import { useState } from 'react';
import { Moment } from '../ui/moment.tsx';
import { RefusedButton } from '../ui/refused-button.tsx';
import { roleRefusal } from '../ui/role-refusal.ts';
import { BehindTable } from './behind-table.tsx';
import { phases } from './phase-texts.ts';
import { StepDialog } from './step-dialog.tsx';

type Rotation = NonNullable<AuthorityStatus['rotation']>;

/** How far one authority has replaced another, who is not caught up, and the steps that can be taken. */
export function RotationCard({ status: { rotation }, session }: { status: AuthorityStatus; session: Session }) {
  const [step, setStep] = useState<RotationStep | null>(null);
  const refusal = roleRefusal(session, 'administrator');
  return (
    <Card component="section" aria-labelledby="rotation">
      <CardTitle component="h2" id="rotation">
        Replacement
      </CardTitle>
      <CardBody className="mp-stack">
        {rotation === null ? (
          <>
            <p>
              Nothing is being replaced. A replacement goes in phases; both authorities are trusted meanwhile, and nothing is without
              service at any moment.
            </p>
            <p className="mp-buttons">
              <RefusedButton variant="secondary" size="sm" refusal={refusal} onClick={() => setStep('begin')}>
                Replace the authority
              </RefusedButton>
            </p>
          </>
        ) : (
          <Running rotation={rotation} refusal={refusal} onStep={setStep} />
        )}
        {step !== null && <StepDialog step={step} rotation={rotation} onClose={() => setStep(null)} />}
      </CardBody>
    </Card>
  );
}

type RunningProps = { readonly rotation: Rotation; readonly refusal: string | undefined; readonly onStep: (step: RotationStep) => void };

function Running({ rotation, refusal, onStep }: RunningProps) {
  const at = phases.findIndex(({ phase }) => phase === rotation.phase);
  const isLast = at === phases.length - 1;
  const isBack = rotation.phase === 'rollback';
  return (
    <>
      <p>
        Authority {rotation.to} replaces authority {rotation.from}, begun by {rotation.startedBy}, <Moment at={rotation.startedAt} />.
        {isBack && ' It is being rolled back: whatever is of the new one goes back to the old.'}
      </p>
      <ProgressStepper aria-label="Phases">
        {phases.map(({ phase, title, meaning }, index) => (
          <ProgressStep
            key={phase}
            id={`phase-${phase}`}
            titleId={`phase-${phase}-title`}
            variant={isBack ? 'pending' : index < at ? 'success' : index === at ? 'info' : 'pending'}
            isCurrent={index === at}
            aria-label={`${title}: ${index < at ? 'done' : index === at ? 'under way' : 'to come'}`}
            description={meaning}
          >
            {title}
          </ProgressStep>
        ))}
      </ProgressStepper>
      <p role="status">
        In this phase since <Moment at={rotation.phaseSince} />: {rotation.caughtUp.toLocaleString('en-GB')} of{' '}
        {rotation.nodes.toLocaleString('en-GB')} nodes are caught up.
      </p>
      {rotation.behind.length > 0 && <BehindTable behind={rotation.behind} />}
      <p className="mp-buttons">
        <RefusedButton variant="primary" size="sm" refusal={refusal} onClick={() => onStep(isLast || isBack ? 'finish' : 'next')}>
          {isLast || isBack ? 'Finish' : 'Next phase'}
        </RefusedButton>
        {!isBack && (
          <RefusedButton variant="secondary" size="sm" isDanger refusal={refusal} onClick={() => onStep('rollback')}>
            Roll back
          </RefusedButton>
        )}
      </p>
    </>
  );
}
