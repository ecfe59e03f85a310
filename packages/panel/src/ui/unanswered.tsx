import type { ReactNode } from 'react';
import { Loading } from './loading.tsx';
import { ProblemAlert, ProblemState } from './problem-alert.tsx';

type Asked = { readonly data: unknown; readonly error: Error | null; readonly failureReason: Error | null };

type Props = Asked & { readonly label: string };

/** What stands in a card for an answer that is not there yet: why it is not, or that it is on its way. */
export function Unanswered({ data, error, failureReason, label }: Props) {
  if (data !== undefined) return null;
  const problem = error ?? failureReason;
  return problem === null ? <Loading label={label} /> : <ProblemAlert error={problem} />;
}

/** The same for a whole page. */
export function UnansweredPage({ data, error, failureReason, label, action }: Props & { readonly action?: ReactNode }) {
  if (data !== undefined) return null;
  const problem = error ?? failureReason;
  return problem === null ? <Loading label={label} /> : <ProblemState error={problem} action={action} />;
}
