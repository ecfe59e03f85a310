import { problem } from '@muster/api';
import { type Clock, RateLimit } from '@muster/core';
import type { Handlers } from '../http/handlers.ts';
import type { People } from '../people/people.ts';

/** All sign-ins of an installation together: a person mistypes, a program guesses. */
const attempts = { perMinute: 20, burst: 40 };

type SessionRoutes = 'getSession' | 'signIn' | 'signOut' | 'setPassword' | 'makeSignInLink';

export function sessionHandlers(people: People, clock: Clock): Pick<Handlers, SessionRoutes> {
  const limit = new RateLimit(clock, attempts);
  return {
    getSession: async ({ session }) => session ?? fail(),
    signIn: async ({ body, setCookies }) => {
      const key = 'token' in body ? 'link' : body.email.toLowerCase();
      if (!limit.take(key)) throw problem('too-many-requests', 'Too many attempts to sign in. Wait a minute.');
      const signedIn = 'token' in body ? await people.signInWithLink(body.token) : await people.signInWithPassword(body.email, body.password);
      setCookies(signedIn.setCookie);
      return signedIn.session;
    },
    signOut: async ({ session, headers, setCookies }) => {
      if (session?.kind === 'person') setCookies(await people.signOut(headers));
      return undefined;
    },
    setPassword: async ({ session, headers, body }) => {
      if (session?.kind !== 'person') throw problem('not-allowed', 'Only a person who is signed in has a password. Sign in to the panel first.');
      await people.setPassword(headers, body);
      return undefined;
    },
    makeSignInLink: async ({ body }) => {
      const { url, expiresAt } = await people.makeLink(body.email);
      return { url, expiresAt: expiresAt.toISOString() };
    },
  };
}

function fail(): never {
  throw problem('not-signed-in', 'Sign in first.');
}
