import { problem, type Session } from '@muster/api';
import { type Clock, type Log, RateLimit } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import type { People } from '../people/people.ts';

/** A person mistypes, a program guesses. For one account, and for one address whatever it tries: each attempt costs a slow hash. */
const limits = { account: { perMinute: 10, burst: 20 }, address: { perMinute: 30, burst: 60 } };

type SessionRoutes = 'getSession' | 'signIn' | 'signOut' | 'setPassword' | 'makeSignInLink';

export type SessionHandlerParts = {
  readonly people: People;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<Store, 'events'>;
};

export function sessionHandlers(parts: SessionHandlerParts): Pick<Handlers, SessionRoutes> {
  const { people, clock } = parts;
  const [ofAccount, ofAddress] = [new RateLimit(clock, limits.account), new RateLimit(clock, limits.address)];
  const takeAttempt = (address: string, account?: string) => {
    if (!ofAddress.take(address) || (account !== undefined && !ofAccount.take(account)))
      throw problem('too-many-requests', 'Too many attempts. Wait a minute.');
  };
  return {
    getSession: async ({ session }) => session ?? fail(),
    signIn: async ({ body, address, setCookies }) => {
      takeAttempt(address, 'token' in body ? undefined : body.email.toLowerCase());
      const signedIn =
        'token' in body ? await people.signInWithLink(body.token) : await people.signInWithPassword(body.email, body.password);
      setCookies(signedIn.setCookie);
      record(parts, signedIn.session, address);
      return signedIn.session;
    },
    signOut: async ({ session, headers, setCookies }) => {
      if (session?.kind === 'person') setCookies(await people.signOut(headers));
      return undefined;
    },
    setPassword: async ({ session, headers, body, address, setCookies }) => {
      if (session?.kind !== 'person')
        throw problem('not-allowed', 'Only a person who is signed in has a password. Sign in to the panel first.');
      takeAttempt(address, session.email ?? '');
      setCookies(await people.setPassword(headers, body));
      return undefined;
    },
    makeSignInLink: async ({ body }) => {
      const { url, expiresAt } = await people.makeLink(body.email);
      return { url, expiresAt: expiresAt.toISOString() };
    },
  };
}

/** Whoever is signed in is so whether or not this can be written. */
function record({ store, log }: SessionHandlerParts, { name, email, role }: Session, address: string): void {
  const event = {
    kind: 'sign-in',
    severity: 'info',
    nodeId: null,
    nodeName: null,
    message: `${name} signed in.`,
    data: { email, role, address },
  } as const;
  store.events.append(event).catch((error: unknown) => log.warn({ error: String(error) }, 'a sign-in could not be written as an event'));
}

function fail(): never {
  throw problem('not-signed-in', 'Sign in first.');
}
