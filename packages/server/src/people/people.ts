import { problem, ProblemError, type Session, type SetPassword } from '@muster/api';
import type { Log } from '@muster/core';
import type { Store } from '@muster/store';
import { isAPIError } from 'better-auth/api';
import { type Auth, linkLifetimeSeconds, makeAuth } from './make-auth.ts';

export type PeopleOptions = {
  readonly store: Pick<Store, 'people' | 'ready'>;
  /** Signs the cookies; the same in all servers of an installation. */
  readonly secret: string;
  /** How people reach the panel. */
  readonly publicUrl: string;
  readonly log: Log;
};

/** What a sign-in gives: who it is, and the cookies that keep him signed in. */
export type SignedIn = { readonly session: Session; readonly setCookie: readonly string[] };

/**
 * People: their accounts, passwords, links and sessions. All of it rests on better-auth; nothing here hashes or signs by itself.
 * Every function throws StoreUnavailable while the database is away.
 */
export type People = {
  /** Who a request comes from, or undefined. */
  sessionOf(headers: Headers): Promise<Session | undefined>;
  /** @throws ProblemError `not-allowed` */
  signInWithPassword(email: string, password: string): Promise<SignedIn>;
  /** @throws ProblemError `not-allowed` when the link was used, has expired, or never was */
  signInWithLink(token: string): Promise<SignedIn>;
  /** Ends the session. Returns the cookies that say so. */
  signOut(headers: Headers): Promise<readonly string[]>;
  /**
   * Sets the first password, or changes it and ends all other sessions. Returns the cookies of the session that goes on.
   * @throws ProblemError `not-allowed`, `invalid-request`
   */
  setPassword(headers: Headers, passwords: SetPassword): Promise<readonly string[]>;
  /** Makes a link that signs in once, for this address, within a quarter of an hour. */
  makeLink(email: string): Promise<{ url: string; expiresAt: Date }>;
};

const advice = {
  password: 'E-mail address or password is wrong. Without a password, run "muster sign-in-link" on the server.',
  link: 'This sign-in link was used already or has expired. Run "muster sign-in-link" on the server for a new one.',
  currentPassword: 'The current password is wrong.',
  newPassword: 'The password was not taken: it needs 12 characters.',
};

/** Opens the people of an installation on its database, whose tables the store's migrations made. */
export function openPeople({ store, secret, publicUrl, log }: PeopleOptions): People {
  const issued = new Map<string, string[]>();
  const onLink = (email: string, token: string) => void issued.set(email, [...(issued.get(email) ?? []), token]);
  const auth = makeAuth({ database: store.people, secret, publicUrl, log, onLink });
  const own = new Headers({ origin: new URL(publicUrl).origin });
  const calling: Calling = (work, refusedWith) => work().catch((error: unknown) => failed(error, store, refusedWith));
  const current = (headers: Headers) => calling(() => sessionOf(auth, headers).catch(() => again(store, () => sessionOf(auth, headers))));
  const signedIn = async ({ headers }: { headers: Headers }): Promise<SignedIn> => {
    const setCookie = headers.getSetCookie();
    const cookie = setCookie.map((one) => one.split(';')[0]).join('; ');
    const session = await current(new Headers({ cookie }));
    if (session === undefined) throw problem('internal-error', 'The new session could not be read.');
    return { session, setCookie };
  };
  return {
    sessionOf: current,
    signInWithPassword: async (email, password) =>
      signedIn(
        await calling(() => auth.api.signInEmail({ body: { email, password }, headers: own, returnHeaders: true }), advice.password),
      ),
    signInWithLink: async (token) =>
      signedIn(await calling(() => auth.api.magicLinkVerify({ query: { token }, headers: own, returnHeaders: true }), advice.link)),
    signOut: async (headers) => {
      const answer = await calling(() => auth.api.signOut({ headers, returnHeaders: true }));
      // It says yes also when the session could not be deleted.
      if ((await current(headers)) !== undefined) throw problem('store-unavailable', 'The session could not be ended. Try again.');
      return answer.headers.getSetCookie();
    },
    setPassword: (headers, passwords) => setPassword(auth, headers, passwords, calling, current),
    makeLink: async (given) => {
      const email = given.toLowerCase();
      await calling(() => auth.api.signInMagicLink({ body: { email, name: email.split('@')[0] ?? email }, headers: own }));
      const [token, ...others] = issued.get(email) ?? [];
      if (others.length === 0) issued.delete(email);
      else issued.set(email, others);
      if (token === undefined) throw problem('internal-error', 'The sign-in link could not be made.');
      // In the fragment, which no server and no proxy ever logs.
      return { url: `${publicUrl}/sign-in#token=${token}`, expiresAt: new Date(Date.now() + linkLifetimeSeconds * 1000) };
    },
  };
}

async function sessionOf(auth: Auth, headers: Headers): Promise<Session | undefined> {
  const found = await auth.api.getSession({ headers });
  if (found === null) return undefined;
  const { internalAdapter } = await auth.$context;
  const password = await internalAdapter.findCredentialAccount(found.user.id);
  return {
    kind: 'person',
    name: found.user.name === '' ? found.user.email : found.user.name,
    email: found.user.email,
    role: found.user.role === 'administrator' ? 'administrator' : 'viewer',
    hasPassword: password !== null,
  };
}

type Calling = <T>(work: () => Promise<T>, refusedWith?: string) => Promise<T>;

async function setPassword(
  auth: Auth,
  headers: Headers,
  { newPassword, currentPassword }: SetPassword,
  calling: Calling,
  current: People['sessionOf'],
): Promise<readonly string[]> {
  const session = await current(headers);
  if (session === undefined) throw problem('not-signed-in', 'Sign in first.');
  if (!session.hasPassword) {
    await calling(() => auth.api.setPassword({ body: { newPassword }, headers }), advice.newPassword);
    return [];
  }
  if (currentPassword === undefined)
    throw problem('invalid-request', 'Give the current password too.', [{ path: 'currentPassword', message: 'required' }]);
  const body = { newPassword, currentPassword, revokeOtherSessions: true };
  const changed = await calling(() => auth.api.changePassword({ body, headers, returnHeaders: true }), advice.currentPassword);
  return changed.headers.getSetCookie();
}

/** Reads again what failed while the database was just going away or coming back. @throws StoreUnavailable when it is away */
async function again<T>(store: Pick<Store, 'ready'>, read: () => Promise<T>): Promise<T> {
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
  if (isAPIError(error) && error.statusCode < 500 && refusedWith !== undefined) {
    throw problem('not-allowed', refusedWith, undefined, { cause: error });
  }
  throw error;
}
