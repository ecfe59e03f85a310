import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Answer, Asked } from './fake-server.ts';
import type { TestAuthority } from './test-authority.ts';

export type AskedOverTls = Asked & { readonly headers: IncomingHttpHeaders };

/** A management server with TLS that gives the answers of a test and remembers what it was asked. */
export class FakeTlsServer {
  readonly asked: AskedOverTls[] = [];
  answer: (asked: AskedOverTls, response: ServerResponse) => Answer = () => ({ body: {} });
  readonly #server: Server;

  private constructor({ chainPem, keyPem }: TestAuthority) {
    this.#server = createServer({ cert: chainPem, key: keyPem }, (request, response) => {
      void (async () => {
        const { pathname, searchParams } = new URL(request.url ?? '', 'https://server');
        const body = await text(request);
        const asked = {
          method: request.method ?? '',
          path: pathname.replace('/api/v1', ''),
          query: searchParams,
          body: body === '' ? undefined : (JSON.parse(body) as unknown),
          headers: request.headers,
        };
        this.asked.push(asked);
        const given = this.answer(asked, response);
        if (typeof given === 'function') given(response);
        else response.writeHead(given.status ?? 200).end(given.body === undefined ? undefined : JSON.stringify(given.body));
      })();
    });
    this.#server.on('tlsClientError', () => undefined);
  }

  static async start(authority: TestAuthority, port = 0): Promise<FakeTlsServer> {
    const made = new FakeTlsServer(authority);
    made.#server.listen(port, '127.0.0.1');
    await once(made.#server, 'listening');
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
