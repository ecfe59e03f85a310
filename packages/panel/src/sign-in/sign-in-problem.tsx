import { ProblemError } from '@muster/api';
import { describeError } from '../api/describe-error.ts';
import { Notice } from '../ui/notice.tsx';

const isRefusal = (error: unknown): error is ProblemError =>
  error instanceof ProblemError && error.problem.status < 500 && error.problem.code !== 'too-many-requests';

/** Why signing in did not work, in the words of the way that was tried. */
export function SignInProblem({ error, byLink }: { error: unknown; byLink: boolean }) {
  if (byLink && isRefusal(error)) {
    return (
      <Notice variant="danger" isInline title="This link no longer works" role="alert">
        <p>{error.problem.detail}</p>
        <p>
          A link signs in once, and only for a short time. Run <code>muster sign-in-link</code> on the server for a new one.
        </p>
      </Notice>
    );
  }
  const { title, detail, advice } = describeError(error);
  return (
    <Notice variant="danger" isInline title={isRefusal(error) ? 'Signing in did not work' : title} role="alert">
      <p>{detail}</p>
      {!isRefusal(error) && <p>{advice}</p>}
    </Notice>
  );
}
