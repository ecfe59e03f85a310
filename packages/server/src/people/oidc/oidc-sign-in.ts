import type { Person } from '@muster/api';
import { type Clock, grantOfClaims } from '@muster/core';
import { PersonExists, type Store } from '@muster/store';
import type { OidcSettings } from '../../config/oidc-settings.ts';
import { OidcError } from './oidc-error.ts';
import { PendingSignIns } from './pending-sign-in.ts';
import { type Claims, OidcProvider } from './provider.ts';

export type OidcParts = {
  readonly settings: OidcSettings;
  readonly store: Pick<Store, 'identities'>;
  readonly clock: Clock;
  readonly secret: string;
  readonly publicUrl: string;
};

/** Signing in through an identity provider: out to it and back. */
export type OidcSignIn = {
  /** What the button is called. */
  readonly name: string;
  /** Sends a browser out; the cookie has to go with it. @throws OidcError */
  start(returnTo: string | undefined): Promise<{ location: string; cookie: string }>;
  /** Whoever came back, with an account, and where he wanted to go. @throws OidcError */
  finish(query: Readonly<Record<string, string>>, headers: Headers): Promise<{ person: Person; returnTo: string }>;
  /** The cookie that forgets that somebody went out. */
  forget(): string;
};

export function oidcSignIn({ settings, store, clock, secret, publicUrl }: OidcParts): OidcSignIn {
  const provider = new OidcProvider(settings, `${publicUrl}/api/v1/session/oidc/callback`, clock);
  const pendings = new PendingSignIns(secret, publicUrl.startsWith('https:'));
  return {
    name: settings.name,
    start: async (returnTo) => {
      const { location, pending } = await provider.begin(pageOf(returnTo));
      return { location, cookie: await pendings.keep(pending) };
    },
    finish: async (query, headers) => {
      const pending = await pendings.read(headers);
      if (pending === undefined || query['state'] !== pending.state)
        throw new OidcError('again', 'A sign-in came back that this browser has not begun, or too long ago.');
      const claims = await provider.finish(query, pending);
      return { person: await comeIn(settings, store, claims), returnTo: pending.returnTo };
    },
    forget: () => pendings.forget(),
  };
}

/** A page of the panel; an address of another site in a link somebody was sent would turn the sign-in into a trap. */
function pageOf(returnTo: string | undefined): string {
  const base = 'http://panel.invalid';
  if (returnTo === undefined || !returnTo.startsWith('/') || !URL.canParse(returnTo, base)) return '/';
  const { origin, pathname, search } = new URL(returnTo, base);
  return origin === base && !pathname.startsWith('//') ? pathname + search : '/';
}

async function comeIn(settings: OidcSettings, { identities }: Pick<Store, 'identities'>, claims: Claims): Promise<Person> {
  const { iss: issuer, sub: subject } = claims;
  const grant = grantOfClaims(settings, claims);
  if (grant === undefined) throw new OidcError('no-role', `${subject} of ${issuer} has no role here.`);
  const email = textIn(claims, 'email');
  if (email === undefined || !/^[^\s@]+@[^\s@]+$/u.test(email) || email.length > 254)
    throw new OidcError('no-address', `The identity provider tells no e-mail address of ${subject}. Ask it for the scope email.`);
  const name = textIn(claims, 'name') ?? textIn(claims, 'preferred_username') ?? email;
  const identity = { issuer, subject, email, emailVerified: claims['email_verified'] === true, name: name.slice(0, 200), grant };
  try {
    return await identities.comeIn({ ...identity, grantFromProvider: settings.roleClaim !== undefined });
  } catch (error) {
    if (!(error instanceof PersonExists)) throw error;
    throw new OidcError('address-taken', error.message, { cause: error });
  }
}

function textIn(claims: Claims, name: string): string | undefined {
  const value = claims[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
