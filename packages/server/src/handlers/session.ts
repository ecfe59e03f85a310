import { problem } from '@muster/api';
import { type Clock, type Log, RateLimit } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import type { People } from '../people/people.ts';
import { recordSignIn } from './record-sign-in.ts';

/**
 * A person mistypes, a program guesses. Each attempt with a password costs a slow hash, so an address has few; one account of it
 * fewer still. The account's limit holds for each address apart: nobody can lock somebody else out. A link cannot be guessed (32 random
 * characters) and has a limit of its own, so that wrong passwords never close the way in that is left.
 */
const limits = {
  account: { perMinute: 10, burst: 20 },
  address: { perMinute: 30, burst: 60 },
  links: { perMinute: 60, burst: 120 },
  changes: { perMinute: 10, burst: 20 },
};

type SessionRoutes = 'getSession' | 'signIn' | 'signOut' | 'setPassword' | 'makeSignInLink';

export type SessionHandlerParts = {
  readonly people: People;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<Store, 'events'>;
};

export function sessionHandlers(parts: SessionHandlerParts): Pick<Handlers, SessionRoutes> {
  const { people, clock } = parts;
  const ofAccount = new RateLimit(clock, limits.account);
  const ofAddress = new RateLimit(clock, limits.address);
  const ofLinks = new RateLimit(clock, limits.links);
  const ofChanges = new RateLimit(clock, limits.changes);
  const allow = (isLeft: boolean) => {
    if (!isLeft) throw problem('too-many-requests', 'Too many attempts. Wait a minute.');
  };
  return {
    getSession: async ({ session }) => session ?? fail(),
    signIn: async ({ body, address, setCookies, audit }) => {
      if ('email' in body) audit.claims(body.email);
      if ('token' in body) allow(ofLinks.take(address));
      else allow(ofAddress.take(address) && ofAccount.take(`${address} ${body.email.toLowerCase()}`));
      const signedIn =
        'token' in body ? await people.signInWithLink(body.token) : await people.signInWithPassword(body.email, body.password, body.code);
      setCookies(signedIn.setCookie);
      audit.by(signedIn.session);
      recordSignIn(parts, signedIn.session, address);
      return signedIn.session;
    },
    signOut: async ({ session, headers, setCookies }) => {
      if (session?.kind === 'person') setCookies(await people.signOut(headers));
      return undefined;
    },
    setPassword: async ({ session, headers, body, setCookies }) => {
      if (session?.kind !== 'person')
        throw problem('not-allowed', 'Only a person who is signed in has a password. Sign in to the panel first.');
      allow(ofChanges.take(session.email ?? ''));
      setCookies(await people.setPassword(headers, body));
      return undefined;
    },
    makeSignInLink: ({ body }) => people.links.forAdministrator(body.email),
  };
}

function fail(): never {
  throw problem('not-signed-in', 'Sign in first.');
}
