import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';

/** What is wrong with what the provider says. */
export type Fault = {
  readonly claims?: Record<string, unknown>;
  readonly signedBy?: 'stranger' | 'nobody';
  readonly discovery?: Record<string, unknown>;
  readonly userinfo?: Record<string, unknown>;
  readonly withoutIdToken?: boolean;
  readonly tokenStatus?: number;
  readonly tokenBody?: string;
};

/** A fake identity provider that says whatever a test wants, right or wrong; nobody signs in at it. */
export class FakeOidcProvider {
  fault: Fault = {};
  /** The nonce it was told, which the test reads from the address of the sign-in. */
  nonce = '';
  readonly #server: Server;
  readonly #keys = generateKeyPair('RS256');
  readonly #strangersKeys = generateKeyPair('RS256');

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<FakeOidcProvider> {
    const made = new FakeOidcProvider();
    await new Promise<void>((resolve) => made.#server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { issuer, fault } = this;
    const send = (body: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
    if (url === '/.well-known/openid-configuration')
      return void send({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/me`,
        jwks_uri: `${issuer}/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
        ...fault.discovery,
      });
    if (url === '/jwks') return void send({ keys: [{ ...(await exportJWK((await this.#keys).publicKey)), alg: 'RS256', kid: 'one' }] });
    if (url === '/me') return void send({ sub: 'sub-1', email: 'ada@example.org', email_verified: true, name: 'Ada', ...fault.userinfo });
    if (url === '/token') {
      const token = fault.withoutIdToken === true ? {} : { id_token: await this.#idToken() };
      return void send(fault.tokenBody ?? { access_token: 'a', token_type: 'Bearer', ...token }, fault.tokenStatus);
    }
    send({}, 404);
  }

  async #idToken(): Promise<string> {
    const seconds = Math.floor(Date.now() / 1000);
    const { claims, signedBy } = this.fault;
    const payload = { iss: this.issuer, sub: 'sub-1', aud: 'muster', iat: seconds, exp: seconds + 300, nonce: this.nonce, ...claims };
    if (signedBy === 'nobody') return new UnsecuredJWT(payload).encode();
    const { privateKey } = signedBy === 'stranger' ? await this.#strangersKeys : await this.#keys;
    return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(privateKey);
  }
}
