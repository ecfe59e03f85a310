import { problem, type Session } from '@muster/api';
import { type Clock, type Log, RateLimit } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import type { People } from '../people/people.ts';

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
    signIn: async ({ body, address, setCookies }) => {
      if ('token' in body) allow(ofLinks.take(address));
      else allow(ofAddress.take(address) && ofAccount.take(`${address} ${body.email.toLowerCase()}`));
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
    setPassword: async ({ session, headers, body, setCookies }) => {
      if (session?.kind !== 'person')
        throw problem('not-allowed', 'Only a person who is signed in has a password. Sign in to the panel first.');
      allow(ofChanges.take(session.email ?? ''));
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
