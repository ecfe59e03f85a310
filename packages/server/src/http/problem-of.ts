import { problem, ProblemError } from '@muster/api';
import { AddressTaken, isStoreUnavailable, NodeExists, NodeNotFound, RevisionConflict } from '@muster/store';

/** Turns whatever a handler threw into the one shape of error that leaves the server. Nothing internal goes along. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const options = { cause: error };
  if (error instanceof NodeNotFound) return problem('not-found', error.message, undefined, options);
  if (error instanceof NodeExists) return problem('node-exists', error.message, undefined, options);
  if (error instanceof AddressTaken) return problem('address-taken', error.message, undefined, options);
  if (error instanceof RevisionConflict) return problem('revision-conflict', error.message, undefined, options);
  if (isStoreUnavailable(error)) {
    return problem(
      'store-unavailable',
      'The database is away for the moment; the server is bringing it back. Try again in some seconds.',
      undefined,
      options,
    );
  }
  return ofFastify(error) ?? problem('internal-error', 'Something failed inside the server; its log says what.', undefined, options);
}

function ofFastify(error: unknown): ProblemError | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  if (error.statusCode < 400 || error.statusCode >= 500) return undefined;
  return problem('invalid-request', error.message, undefined, { cause: error });
}
