import { problem, type RotationStep } from '@muster/api';
import { judgeStep, type StepOutcome } from '@muster/core';
import type { AuthorityChange, AuthorityPicture, NewStoredAuthority, Store } from '@muster/store';
import { laggards } from './authority-picture.ts';

export type AuthorityStepParts = {
  readonly store: Pick<Store, 'authority'>;
  /** Makes a new authority, its keys sealed. */
  readonly makeAuthority: () => Promise<NewStoredAuthority>;
};

/** A step that somebody asks for. */
export type AskedStep = { readonly step: RotationStep; readonly leaveBehind: readonly string[]; readonly by: string };

/** Takes a step of the replacement of the authority. @throws ProblemError `authority-step` with who is behind, when it cannot be taken now */
export async function stepAuthority({ store, makeAuthority }: AuthorityStepParts, asked: AskedStep): Promise<void> {
  await store.authority.step(async (picture) => {
    const { step, leaveBehind } = asked;
    const { rotation } = picture.state;
    const behind = rotation === null ? [] : laggards(rotation, picture);
    const verdict = judgeStep({ step, rotation, behind: behind.map((one) => one.name), leaveBehind });
    if (!verdict.ok) {
      const named = behind.filter(({ name }) => verdict.behind.includes(name)).slice(0, 100);
      const errors = named.map(({ name, lacks }) => ({ path: name, message: lacks }));
      throw problem('authority-step', verdict.why, errors.length === 0 ? undefined : errors);
    }
    return changeOf(asked, verdict.outcome, picture, makeAuthority);
  });
}

async function changeOf(
  { step, leaveBehind, by }: AskedStep,
  outcome: StepOutcome,
  { state }: AuthorityPicture,
  makeAuthority: () => Promise<NewStoredAuthority>,
): Promise<AuthorityChange> {
  const left = leaveBehind.length === 0 ? '' : ` Left behind: ${leaveBehind.join(', ')}.`;
  if (step === 'begin')
    return { kind: 'begin', authority: await makeAuthority(), message: `${by} began to replace the certificate authority.`, by };
  if (outcome.kind === 'phase')
    return {
      kind: 'phase',
      phase: outcome.phase,
      message: `The replacement of the certificate authority goes on with ${outcome.phase} (${by}).${left}`,
      by,
    };
  const isBack = outcome.keep === state.rotation?.from;
  const ending = isBack ? 'The new certificate authority was taken back' : 'The certificate authority was replaced';
  return { kind: 'end', keep: outcome.keep, drop: outcome.drop, message: `${ending} (${by}).${left}`, by };
}
