import { problem, type Session } from '@muster/api';
import { type Clock, RateLimit } from '@muster/core';
import type { Handlers } from '../http/handlers.ts';
import type { People } from '../people/people.ts';
import { required } from './required.ts';

type TwoFactorRoutes = 'getTwoFactor' | 'startTwoFactor' | 'verifyTwoFactor' | 'disableTwoFactor' | 'makeRecoveryCodes';

/** Six digits can be guessed, a password too: whoever has somebody's session must not be able to try them all. */
const attempts = { perMinute: 5, burst: 10 };

export function twoFactorHandlers({ people, clock }: { readonly people: People; readonly clock: Clock }): Pick<Handlers, TwoFactorRoutes> {
  const { secondFactor } = people;
  const limit = new RateLimit(clock, attempts);
  const attempt = (session: Session | undefined): Session => {
    const person = personOf(session);
    if (!limit.take(person.id ?? '')) throw problem('too-many-requests', 'Too many attempts. Wait a minute.');
    return person;
  };
  return {
    getTwoFactor: ({ session }) => secondFactor.state(required(session)),
    startTwoFactor: async ({ session, headers, body }) => {
      const { provider } = attempt(session);
      if (provider !== null)
        throw problem('not-allowed', 'This account signs in by its identity provider, which asks for a second factor or not.');
      return secondFactor.start(headers, body.password);
    },
    verifyTwoFactor: async ({ session, headers, body, setCookies }) => {
      const person = attempt(session);
      setCookies(await secondFactor.verify(person, headers, body.code));
      return secondFactor.state({ ...person, twoFactor: true });
    },
    disableTwoFactor: async ({ session, headers, body, setCookies }) => {
      setCookies(await secondFactor.disable(attempt(session), headers, body.password, body.code));
      return { enabled: false, recoveryCodesLeft: 0 };
    },
    makeRecoveryCodes: ({ session, headers, body }) => {
      attempt(session);
      return secondFactor.makeRecoveryCodes(headers, body.password);
    },
  };
}

function personOf(session: Session | undefined): Session {
  if (session?.kind !== 'person') throw problem('not-allowed', 'Only a person who is signed in has a second factor.');
  return session;
}
