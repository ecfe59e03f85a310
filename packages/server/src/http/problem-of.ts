import { problem, type ProblemCode, ProblemError } from '@muster/api';
import {
  ActionRefused,
  AddressTaken,
  ApiKeyNotFound,
  ArtifactInUse,
  ArtifactNotFound,
  ControllerNotFound,
  EnvironmentChanged,
  EnvironmentExists,
  EnvironmentNotFound,
  InventoryNotFound,
  isStoreUnavailable,
  LastAdministrator,
  NodeExists,
  NodeNotFound,
  OperationNotFound,
  PersonExists,
  PersonNotFound,
  RevisionConflict,
  MemberNotFound,
  MemberStillThere,
  RunInProgress,
  RunNotFound,
  SubscriptionNotFound,
  TooManyTasks,
  WebhookExists,
  WebhookNotFound,
  ViewExists,
  ViewNotFound,
} from '@muster/store';

/** Errors of the store that are what the client did, and their words are for him. */
const codes: readonly (readonly [new (...parameters: never[]) => Error, ProblemCode])[] = [
  [NodeNotFound, 'not-found'],
  [NodeExists, 'node-exists'],
  [AddressTaken, 'address-taken'],
  [RevisionConflict, 'revision-conflict'],
  [OperationNotFound, 'not-found'],
  [PersonNotFound, 'not-found'],
  [PersonExists, 'person-exists'],
  [LastAdministrator, 'last-administrator'],
  [ApiKeyNotFound, 'not-found'],
  [WebhookNotFound, 'not-found'],
  [WebhookExists, 'webhook-exists'],
  [SubscriptionNotFound, 'not-found'],
  [ViewNotFound, 'not-found'],
  [RunNotFound, 'not-found'],
  [MemberNotFound, 'not-found'],
  [MemberStillThere, 'not-possible-now'],
  [InventoryNotFound, 'not-found'],
  [RunInProgress, 'not-possible-now'],
  [ViewExists, 'view-exists'],
  [ActionRefused, 'not-possible-now'],
  [EnvironmentNotFound, 'not-found'],
  [ArtifactNotFound, 'not-found'],
  [ControllerNotFound, 'not-found'],
  [EnvironmentExists, 'environment-exists'],
  [EnvironmentChanged, 'revision-conflict'],
  [ArtifactInUse, 'artifact-in-use'],
];

/** Turns whatever a handler threw into the one shape of error that leaves the server. Nothing internal goes along. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const options = { cause: error };
  const known = codes.find(([type]) => error instanceof type);
  if (known !== undefined) return problem(known[1], (error as Error).message, undefined, options);
  if (error instanceof TooManyTasks) {
    const errors = error.nodeNames.map((name) => ({ path: name, message: 'too many tasks wait for it' }));
    return problem('too-many-tasks', error.message, errors, options);
  }
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
