import { problem, type Session, type SetPassword } from '@muster/api';
import type { Store } from '@muster/store';
import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import { magicLink } from 'better-auth/plugins';

export type PeopleOptions = {
  readonly database: Store['people'];
  /** Signs the cookies; the same in all servers of an installation. */
  readonly secret: string;
  /** How people reach the panel. */
  readonly publicUrl: string;
};

/** What a sign-in gives: who it is, and the cookies that keep him signed in. */
export type SignedIn = { readonly session: Session; readonly setCookie: readonly string[] };

/** People: their accounts, passwords, links and sessions. All of it rests on better-auth; nothing here hashes or signs by itself. */
export type People = {
  /** Who a request comes from, or undefined. */
  sessionOf(headers: Headers): Promise<Session | undefined>;
  signInWithPassword(email: string, password: string): Promise<SignedIn>;
  /** @throws ProblemError `not-allowed` when the link was used, has expired, or never was */
  signInWithLink(token: string): Promise<SignedIn>;
  signOut(headers: Headers): Promise<readonly string[]>;
  setPassword(headers: Headers, passwords: SetPassword): Promise<void>;
  /** Makes a link that signs in once, for this address, within a quarter of an hour. */
  makeLink(email: string): Promise<{ url: string; expiresAt: Date }>;
};

const linkLifetimeSeconds = 900;

/** Opens the people of an installation on its database, whose tables the store's migrations made. */
export function openPeople(options: PeopleOptions): People {
  const issued = new Map<string, string>();
  const auth = makeAuth(options, (email, token) => issued.set(email, token));
  const context = { get headers() { return new Headers({ origin: new URL(options.publicUrl).origin }); } };
  const sessionFor = async (setCookie: readonly string[]): Promise<Session> => {
    const cookie = setCookie.map((one) => one.split(';')[0]).join('; ');
    const session = await sessionOf(auth, new Headers({ cookie }));
    if (session === undefined) throw problem('internal-error', 'The new session could not be read.');
    return session;
  };
  const signedIn = async (headers: Headers): Promise<SignedIn> => {
    const setCookie = headers.getSetCookie();
    return { session: await sessionFor(setCookie), setCookie };
  };
  return {
    sessionOf: (headers) => sessionOf(auth, headers),
    signInWithPassword: async (email, password) => {
      const { headers } = await auth.api
        .signInEmail({ body: { email, password }, headers: context.headers, returnHeaders: true })
        .catch(refusedAs('E-mail address or password is wrong. Without a password, run "muster sign-in-link" on the server.'));
      return signedIn(headers);
    },
    signInWithLink: async (token) => {
      const { headers } = await auth.api
        .magicLinkVerify({ query: { token }, headers: context.headers, returnHeaders: true })
        .catch(refusedAs('This sign-in link was used already or has expired. Run "muster sign-in-link" on the server for a new one.'));
      return signedIn(headers);
    },
    signOut: async (headers) => {
      const answer = await auth.api.signOut({ headers, returnHeaders: true });
      return answer.headers.getSetCookie();
    },
    setPassword: (headers, passwords) => setPassword(auth, headers, passwords),
    makeLink: async (email) => {
      await auth.api.signInMagicLink({ body: { email, name: email.split('@')[0] ?? email }, headers: context.headers });
      const token = issued.get(email);
      issued.delete(email);
      if (token === undefined) throw problem('internal-error', 'The sign-in link could not be made.');
      // In the fragment, which no server and no proxy ever logs.
      return { url: `${options.publicUrl}/sign-in#token=${token}`, expiresAt: new Date(Date.now() + linkLifetimeSeconds * 1000) };
    },
  };
}

type Auth = ReturnType<typeof makeAuth>;

function makeAuth(options: PeopleOptions, onLink: (email: string, token: string) => void) {
  return betterAuth({
    database: { db: options.database, type: 'postgres' },
    secret: options.secret,
    baseURL: options.publicUrl,
    telemetry: { enabled: false },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12 },
    session: { expiresIn: 60 * 60 * 12, updateAge: 60 * 60 },
    user: { additionalFields: { role: { type: 'string', required: true, defaultValue: 'administrator', input: false } } },
    advanced: { cookiePrefix: 'muster', defaultCookieAttributes: { sameSite: 'strict', httpOnly: true } },
    plugins: [
      magicLink({
        expiresIn: linkLifetimeSeconds,
        storeToken: 'hashed',
        sendMagicLink: ({ email, token }) => {
          onLink(email, token);
        },
      }),
    ],
  });
}

async function sessionOf(auth: Auth, headers: Headers): Promise<Session | undefined> {
  const found = await auth.api.getSession({ headers });
  if (found === null) return undefined;
  const accounts = await auth.api.listUserAccounts({ headers });
  return {
    kind: 'person',
    name: found.user.name === '' ? found.user.email : found.user.name,
    email: found.user.email,
    role: found.user.role === 'administrator' ? 'administrator' : 'viewer',
    hasPassword: accounts.some((account: { providerId: string }) => account.providerId === 'credential'),
  };
}

async function setPassword(auth: Auth, headers: Headers, { newPassword, currentPassword }: SetPassword): Promise<void> {
  const session = await sessionOf(auth, headers);
  if (session === undefined) throw problem('not-signed-in', 'Sign in first.');
  if (!session.hasPassword) {
    await auth.api.setPassword({ body: { newPassword }, headers }).catch(refusedAs('The password was not taken: it needs 12 characters.'));
    return;
  }
  if (currentPassword === undefined) throw problem('invalid-request', 'Give the current password too.', [{ path: 'currentPassword', message: 'required' }]);
  await auth.api
    .changePassword({ body: { newPassword, currentPassword, revokeOtherSessions: true }, headers })
    .catch(refusedAs('The current password is wrong.'));
}

/** better-auth's refusals become ours; everything else stays what it is. */
function refusedAs(message: string) {
  return (error: unknown): never => {
    if (error instanceof APIError) throw problem('not-allowed', message, undefined, { cause: error });
    throw error;
  };
}
