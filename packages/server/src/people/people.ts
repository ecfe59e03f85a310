import { type Person, problem, type Session, type SetPassword } from '@muster/api';
import type { Log } from '@muster/core';
import type { Store } from '@muster/store';
import { again, type Calling, callingWith } from './calling.ts';
import { cookiesIn, headersWith } from './cookies.ts';
import { type Auth, makeAuth } from './make-auth.ts';
import { sessionOfPerson } from './person-session.ts';
import { checkCode, type SecondFactor, secondFactor } from './second-factor.ts';
import { signInLinks, type SignInLinks } from './sign-in-links.ts';

export type PeopleOptions = {
  readonly store: Pick<Store, 'accounts' | 'people' | 'signInLinks' | 'ready'>;
  /** Signs the cookies; the same in all servers of an installation. */
  readonly secret: string;
  /** How people reach the panel. */
  readonly publicUrl: string;
  readonly log: Log;
};

/** What a sign-in gives: who it is, and the cookies that keep him signed in. */
export type SignedIn = { readonly session: Session; readonly setCookie: readonly string[] };

/**
 * People: how they come in, their passwords and sessions. Passwords, sessions and second factors rest on better-auth; nothing here hashes
 * or signs by itself. Every function throws StoreUnavailable while the database is away.
 */
export type People = {
  /** Who a request comes from, or undefined. */
  sessionOf(headers: Headers): Promise<Session | undefined>;
  /** @throws ProblemError `not-allowed`, `second-factor-needed`, `too-many-requests` */
  signInWithPassword(email: string, password: string, code?: string): Promise<SignedIn>;
  /** @throws ProblemError `not-allowed` when the link was used, has expired, or never was */
  signInWithLink(token: string): Promise<SignedIn>;
  /** For somebody who has proven who he is to an identity provider. @throws ProblemError `not-allowed` */
  signInAs(person: Person): Promise<SignedIn>;
  /** Ends the session. Returns the cookies that say so. */
  signOut(headers: Headers): Promise<readonly string[]>;
  /**
   * Sets the first password, or changes it and ends all other sessions. Returns the cookies of the session that goes on.
   * @throws ProblemError `not-allowed`, `invalid-request`
   */
  setPassword(headers: Headers, passwords: SetPassword): Promise<readonly string[]>;
  readonly links: SignInLinks;
  readonly secondFactor: SecondFactor;
};

const advice = {
  password:
    'E-mail address or password is wrong. Without a password, ask an administrator for a link, or run "muster sign-in-link" on the server.',
  link: 'This sign-in link was used already or has expired. Ask an administrator for a new one, or run "muster sign-in-link" on the server.',
  currentPassword: 'The current password is wrong.',
  newPassword: 'The password was not taken: it needs 12 characters.',
  disabled: 'This account is shut out. Ask an administrator.',
  code: 'This account has a second factor: give the code that your authenticator shows, or one of the recovery codes.',
  provider: 'This account signs in by its identity provider and has no password here.',
};

/** Opens the people of an installation on its database, whose tables the store's migrations made. */
export function openPeople({ store, secret, publicUrl, log }: PeopleOptions): People {
  const auth = makeAuth({ database: store.accounts, secret, publicUrl, log });
  const own = new Headers({ origin: new URL(publicUrl).origin });
  const calling = callingWith(store);
  const links = signInLinks({ store, publicUrl });
  const parts = { auth, store, calling };
  const read = (headers: Headers) => sessionOf(auth, store, headers);
  const current = (headers: Headers) => calling(() => read(headers).catch(() => again(store, () => read(headers))));
  const signedIn = (setCookie: readonly string[]) => finishSignIn(parts, current, setCookie);
  const begin = async ({ id: userId }: Person) =>
    signedIn((await calling(() => auth.api.beginSession({ body: { userId }, returnHeaders: true }), advice.link)).headers.getSetCookie());
  return {
    sessionOf: current,
    signInWithPassword: async (email, password, code) => {
      const body = { email, password };
      const answer = await calling(() => auth.api.signInEmail({ body, headers: own, returnHeaders: true }), advice.password);
      const cookies = answer.headers.getSetCookie();
      if (!('twoFactorRedirect' in answer.response)) return signedIn(cookies);
      if (code === undefined) throw problem('second-factor-needed', advice.code);
      const { id } = await store.people.get(email);
      return signedIn(await checkCode(parts, id, headersWith(own, cookiesIn(cookies)), code));
    },
    signInWithLink: async (token) => {
      const person = await links.use(token);
      if (person === undefined) throw problem('not-allowed', advice.link);
      return begin(person);
    },
    signInAs: begin,
    signOut: async (headers) => {
      const answer = await calling(() => auth.api.signOut({ headers, returnHeaders: true }));
      // It says yes also when the session could not be deleted.
      if ((await current(headers)) !== undefined) throw problem('store-unavailable', 'The session could not be ended. Try again.');
      return answer.headers.getSetCookie();
    },
    setPassword: (headers, passwords) => setPassword(auth, headers, passwords, calling, current),
    links,
    secondFactor: secondFactor(parts),
  };
}

/** Whose session it is. Somebody who was shut out has none, whatever cookie he has. */
async function sessionOf(auth: Auth, store: Pick<Store, 'people'>, headers: Headers): Promise<Session | undefined> {
  const found = await auth.api.getSession({ headers });
  if (found === null) return undefined;
  const person = await store.people.find(found.user.id);
  return person === undefined || person.state === 'disabled' ? undefined : sessionOfPerson(person);
}

async function finishSignIn(
  { auth, store, calling }: { auth: Auth; store: Pick<Store, 'people'>; calling: Calling },
  current: People['sessionOf'],
  setCookie: readonly string[],
): Promise<SignedIn> {
  const headers = new Headers({ cookie: cookiesIn(setCookie) });
  const session = await current(headers);
  if (session === undefined || session.id === null) {
    await calling(() => auth.api.signOut({ headers }));
    throw problem('not-allowed', advice.disabled);
  }
  await store.people.signedIn(session.id);
  return { session, setCookie };
}

async function setPassword(
  auth: Auth,
  headers: Headers,
  { newPassword, currentPassword }: SetPassword,
  calling: Calling,
  current: People['sessionOf'],
): Promise<readonly string[]> {
  const session = await current(headers);
  if (session === undefined) throw problem('not-signed-in', 'Sign in first.');
  if (session.provider !== null) throw problem('not-allowed', advice.provider);
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
