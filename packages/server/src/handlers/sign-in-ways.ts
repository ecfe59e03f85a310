import { type OidcProblem, problem, ProblemError } from '@muster/api';
import { type Clock, type Log, RateLimit } from '@muster/core';
import type { Handlers } from '../http/handlers.ts';
import { ProblemRedirect } from '../http/problem-redirect.ts';
import { OidcError } from '../people/oidc/oidc-error.ts';
import type { OidcSignIn } from '../people/oidc/oidc-sign-in.ts';
import type { People } from '../people/people.ts';
import { WorkLimit } from '../people/work-limit.ts';
import { type SignInRecord, recordSignIn } from './record-sign-in.ts';

type WayRoutes = 'getSignInMethods' | 'startOidc' | 'finishOidc';

export type SignInWayParts = SignInRecord & {
  readonly people: People;
  /** The identity provider; undefined where none is configured. */
  readonly oidc: OidcSignIn | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

const limit = { perMinute: 30, burst: 60 };
/** Each asks the identity provider: nobody can make this server a flood on it. */
const asking = { atOnce: 10, waiting: 40 };

/** Sign-in by an identity provider. A browser comes and goes, so what goes wrong is told by the sign-in page and not as JSON. */
export function signInWayHandlers(parts: SignInWayParts): Pick<Handlers, WayRoutes> {
  const { people, oidc, clock, log } = parts;
  const ofAddress = new RateLimit(clock, limit);
  const work = new WorkLimit(asking);
  const used = async <T>(address: string, doing: (provider: OidcSignIn) => Promise<T>): Promise<T> => {
    if (oidc === undefined) throw problem('not-found', 'No identity provider is configured here.');
    try {
      if (!ofAddress.take(address)) throw new OidcError('busy', 'Too many attempts from this address.');
      return await work.run(() => doing(oidc));
    } catch (error) {
      throw toSignInPage(error, log);
    }
  };
  return {
    getSignInMethods: async () => ({ password: true, oidc: oidc === undefined ? null : { name: oidc.name } }),
    startOidc: ({ query, address, setCookies }) =>
      used(address, async (provider) => {
        const { location, cookie } = await provider.start(query.returnTo);
        setCookies([cookie]);
        return { location };
      }),
    finishOidc: ({ query, address, headers, setCookies, audit }) =>
      used(address, async (provider) => {
        const { person, returnTo } = await provider.finish(query, headers);
        audit.claims(person.email);
        const { session, setCookie } = await people.signInAs(person);
        audit.by(session);
        setCookies([...setCookie, provider.forget()]);
        recordSignIn(parts, session, address);
        return { location: returnTo };
      }),
  };
}

/** What a person is told at the sign-in page; the log has the words. Anything else is a failure of ours. */
function toSignInPage(error: unknown, log: Log): unknown {
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  const message = error instanceof Error ? error.message : String(error);
  log.info({ reason, said: message }, 'a sign-in through the identity provider did not succeed');
  return new ProblemRedirect(problem('not-allowed', message, undefined, { cause: error }), `/sign-in#problem=${reason}`);
}

function reasonOf(error: unknown): OidcProblem | undefined {
  if (error instanceof OidcError) return error.reason;
  if (!(error instanceof ProblemError)) return undefined;
  const reasons: Partial<Record<ProblemError['problem']['code'], OidcProblem>> = { 'not-allowed': 'shut-out', 'too-many-requests': 'busy' };
  return reasons[error.problem.code];
}
