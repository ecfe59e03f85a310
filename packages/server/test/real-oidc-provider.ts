import { createServer, type Server } from 'node:http';
import { Provider } from 'oidc-provider';
import { freePort } from './server-fixture.ts';

export type OidcAccount = { readonly sub: string } & Record<string, unknown>;

/** A real identity provider on a loopback port: oidc-provider, whose login page lets in whoever the test names. */
export class RealOidcProvider {
  readonly issuer: string;
  readonly clientId = 'muster';
  readonly clientSecret = 'the secret of the client';
  /** Who signs in at the provider, and what it says of him. */
  account: OidcAccount = { sub: 'nobody' };
  readonly #server: Server;

  private constructor(issuer: string, redirectUri: string) {
    this.issuer = issuer;
    const provider = this.#makeProvider(redirectUri);
    const answer = provider.callback();
    this.#server = createServer((request, response) => {
      if (request.url?.startsWith('/interaction/') !== true) return void answer(request, response);
      const login = { login: { accountId: this.account.sub } };
      void provider.interactionFinished(request, response, login, { mergeWithLastSubmission: false });
    });
  }

  static async start(redirectUri: string): Promise<RealOidcProvider> {
    const port = await freePort();
    const made = new RealOidcProvider(`http://127.0.0.1:${port}`, redirectUri);
    await new Promise<void>((resolve) => made.#server.listen(port, '127.0.0.1', resolve));
    return made;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #makeProvider(redirectUri: string): Provider {
    return new Provider(this.issuer, {
      clients: [{ client_id: this.clientId, client_secret: this.clientSecret, redirect_uris: [redirectUri] }],
      claims: { openid: ['sub', 'roles', 'node_groups'], profile: ['name'], email: ['email', 'email_verified'] },
      cookies: { keys: ['only for tests'] },
      features: { devInteractions: { enabled: false } },
      findAccount: async () => ({ accountId: this.account.sub, claims: async () => this.account }),
      ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      // Nobody is asked whether this client may know him: its own organisation runs the provider.
      loadExistingGrant: async ({ oidc }) => {
        const grant = new oidc.provider.Grant({ clientId: oidc.client?.clientId, accountId: oidc.session?.accountId });
        grant.addOIDCScope('openid profile email');
        await grant.save();
        return grant;
      },
    });
  }
}
