import { problem, ProblemError } from '@muster/api';
import type { Store } from '@muster/store';
import { isAPIError } from 'better-auth/api';

/** Calls better-auth; its refusals become ours, in the words of `refusedWith`. */
export type Calling = <T>(work: () => Promise<T>, refusedWith?: string) => Promise<T>;

export const callingWith =
  (store: Pick<Store, 'ready'>): Calling =>
  (work, refusedWith) =>
    work().catch((error: unknown) => failed(error, store, refusedWith));

/** Reads again what failed while the database was just going away or coming back. @throws StoreUnavailable when it is away */
export async function again<T>(store: Pick<Store, 'ready'>, read: () => Promise<T>): Promise<T> {
  await store.ready();
  return read();
}

/**
 * better-auth's refusals become ours. A database that is away looks to it like a refusal or like a failure of its own: so the
 * database is asked first. @throws always
 */
async function failed(error: unknown, store: Pick<Store, 'ready'>, refusedWith?: string): Promise<never> {
  if (error instanceof ProblemError) throw error;
  await store.ready();
  if (isAPIError(error) && error.statusCode === 429)
    throw problem('too-many-requests', 'Too many wrong codes. Wait a quarter of an hour.', undefined, { cause: error });
  if (isAPIError(error) && error.statusCode < 500 && refusedWith !== undefined)
    throw problem('not-allowed', refusedWith, undefined, { cause: error });
  throw error;
}
