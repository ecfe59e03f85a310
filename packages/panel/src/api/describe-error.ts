import { ProblemError, type ProblemCode } from '@muster/api';

/** An error for people: what happened, and what to do now. */
export type Description = { readonly title: string; readonly detail: string; readonly advice: string };

const adviceOf: Record<ProblemCode, string> = {
  'invalid-request': 'Change the request and try again.',
  'not-signed-in': 'Sign in and try again.',
  'second-factor-needed': 'Give the code that your authenticator shows, or one of the recovery codes.',
  'not-allowed': 'Ask an administrator of this installation.',
  'not-found': 'It may have been removed meanwhile. Go back to the list.',
  'node-exists': 'Choose another name, or open the node that has this one.',
  'address-taken': 'Choose another address, or change the node that has this one.',
  'revision-conflict': 'Look at what changed, then make your change again.',
  'view-exists': 'Choose another name, or change the view that has this one.',
  'not-possible-now': 'Leave that node out, or change its state first.',
  'promotion-refused': 'Look at how the servers and the copies of the database are, and try again when that has changed.',
  'would-lose-data': 'Bring the primary back if that can be done: then nothing is lost.',
  'promotion-under-way': 'Wait until it has ended, and look at who is the primary then.',
  'node-unavailable': 'Try again when the node is heard again.',
  'person-exists': 'Choose another address, or change the account that has this one.',
  'last-administrator': 'Make somebody else administrator first.',
  'environment-exists': 'Choose another name, or change the environment that has this one.',
  'artifact-in-use': 'Change or remove the environments that are made of it first.',
  'artifact-damaged': 'Upload the file again.',
  'upload-out-of-step': 'Start the upload again: it goes on where it stopped.',
  'storage-full': "Make room on the server's disk, or remove artifacts that no environment needs.",
  'webhook-exists': 'Choose another name, or remove the webhook that has this one.',
  'too-many-tasks': 'Cancel operations that wait for those nodes, or leave the nodes out.',
  'authority-step': 'Look at the state of the authority, and take the step that is possible now.',
  'too-many-requests': 'Wait a minute, then try again.',
  'internal-error': "Try again. If it stays, the server's log says more: journalctl -u muster.",
  'store-unavailable': 'Nothing is lost. The server goes on by itself when its database is back; its log says more.',
};

/** Whether the error means that nobody is signed in (any more). */
export const isSignedOut = (error: unknown): boolean => error instanceof ProblemError && error.problem.code === 'not-signed-in';

/** Whether the thing asked for is not there. */
export const isNotFound = (error: unknown): boolean => error instanceof ProblemError && error.problem.code === 'not-found';

/** Whether trying the same call again later can help: the server was not reached, or could not answer. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ProblemError) return error.problem.status >= 500 && error.problem.code !== 'storage-full';
  return error instanceof TypeError || isTimeout(error);
}

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

/** Puts any error a call can end with into words. Never throws. */
export function describeError(error: unknown): Description {
  if (error instanceof ProblemError) {
    const { title, detail, code, errors } = error.problem;
    const places = (errors ?? [])
      .filter(({ message }) => !detail.includes(message))
      .map((one) => (one.path === '' ? one.message : `${one.path}: ${one.message}`));
    return { title, detail: [detail, ...places].join(' · '), advice: adviceOf[code] };
  }
  if (isTimeout(error))
    return { title: 'The server does not answer', detail: 'The request had no answer within 10 seconds.', advice: unreachableAdvice };
  if (error instanceof TypeError)
    return { title: 'The server cannot be reached', detail: 'The request did not get through.', advice: unreachableAdvice };
  return {
    title: 'The answer was not understood',
    detail: `The server answered in a form that this page does not know${placeOf(error)}. The server may have been upgraded since the page was loaded.`,
    advice: 'Reload the page.',
  };
}

const unreachableAdvice = 'Check the network, and on the server: systemctl status muster. This page tries again by itself.';

/** Where an answer did not fit its schema, for whoever has to find out why. */
function placeOf(error: unknown): string {
  const issues: unknown = error instanceof Error && 'issues' in error ? error.issues : undefined;
  const first: unknown = Array.isArray(issues) ? issues[0] : undefined;
  if (typeof first !== 'object' || first === null || !('path' in first) || !Array.isArray(first.path)) return '';
  return ` (at ${first.path.join('.')})`;
}
