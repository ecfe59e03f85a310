import type { Clock } from '@muster/core';
import * as oidc from 'openid-client';
import type { OidcSettings } from '../../config/oidc-settings.ts';
import { OidcError } from './oidc-error.ts';
import type { PendingSignIn } from './pending-sign-in.ts';

/** What an identity provider has said of somebody, checked: signature, issuer, audience, times, nonce. */
export type Claims = Readonly<Record<string, unknown>> & { readonly iss: string; readonly sub: string };

const timeoutSeconds = 10;
/** Its description is read anew this often: endpoints and keys change. */
const describedForMs = 3_600_000;

/**
 * The identity provider (OpenID Connect Core 1.0, code flow with PKCE). It is asked only when somebody comes: a provider that is away
 * keeps no server from starting.
 */
export class OidcProvider {
  readonly #settings: OidcSettings;
  readonly #redirectUri: string;
  readonly #clock: Clock;
  #described: { readonly at: number; readonly configuration: Promise<oidc.Configuration> } | undefined;

  constructor(settings: OidcSettings, redirectUri: string, clock: Clock) {
    this.#settings = settings;
    this.#redirectUri = redirectUri;
    this.#clock = clock;
  }

  /** Where a browser has to go, and what its return must match. @throws OidcError `provider` */
  async begin(returnTo: string): Promise<{ location: string; pending: PendingSignIn }> {
    const configuration = await this.#configuration();
    const pending = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier(), returnTo };
    const location = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUri,
      scope: this.#settings.scopes.join(' '),
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    });
    return { location: location.href, pending };
  }

  /** What is known of the person who came back with this query. @throws OidcError */
  async finish(query: Readonly<Record<string, string>>, { state, nonce, verifier }: PendingSignIn): Promise<Claims> {
    const configuration = await this.#configuration();
    const current = new URL(this.#redirectUri);
    for (const [name, value] of Object.entries(query)) current.searchParams.set(name, value);
    try {
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      const tokens = await oidc.authorizationCodeGrant(configuration, current, checks);
      const claims = tokens.claims();
      if (claims === undefined) throw new OidcError('provider', 'The identity provider gave no ID token.');
      const known = configuration.serverMetadata().userinfo_endpoint === undefined;
      const more = known ? {} : await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub);
      // What is signed counts more than what is only told.
      return { ...more, ...claims };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  #configuration(): Promise<oidc.Configuration> {
    const now = this.#clock.monotonicMs();
    if (this.#described !== undefined && now - this.#described.at < describedForMs) return this.#described.configuration;
    const described = { at: now, configuration: this.#discover() };
    this.#described = described;
    // A failure is not kept: whoever comes next asks again.
    described.configuration.catch(() => {
      if (this.#described === described) this.#described = undefined;
    });
    return described.configuration;
  }

  async #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    const url = new URL(issuer);
    // The configuration allows http on loopback addresses only.
    const execute = [oidc.enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [])];
    try {
      return await oidc.discovery(url, clientId, clientSecret, clientSecret === undefined ? oidc.None() : undefined, {
        execute,
        timeout: timeoutSeconds,
      });
    } catch (cause) {
      throw new OidcError('provider', `The identity provider ${issuer} cannot be used: ${messageOf(cause)}`, { cause });
    }
  }
}

function refusalOf(error: unknown): OidcError {
  if (error instanceof OidcError) return error;
  if (error instanceof oidc.AuthorizationResponseError)
    return new OidcError('denied', `The identity provider let nobody in: ${error.error}`, { cause: error });
  return new OidcError('provider', `What the identity provider says does not hold: ${messageOf(error)}`, { cause: error });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
