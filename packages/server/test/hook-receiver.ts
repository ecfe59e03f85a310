import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A call as it came. */
export type ReceivedCall = { readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string };

/** A program that is called by webhooks, on a port of its own. It answers 204 unless a test wants something else. */
export class HookReceiver {
  readonly calls: ReceivedCall[] = [];
  answer: (response: ServerResponse, call: ReceivedCall) => void = (response) => void response.writeHead(204).end();
  readonly #server = createServer((request, response) => {
    void text(request).then((body) => {
      const call = { path: request.url ?? '', headers: request.headers, body };
      this.calls.push(call);
      this.answer(response, call);
    });
  });

  static async open(port = 0): Promise<HookReceiver> {
    const receiver = new HookReceiver();
    receiver.#server.listen(port, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** The events of all calls, in the order in which they came. */
  get events(): { id: number; kind: string; message: string }[] {
    return this.calls.flatMap((call) => (JSON.parse(call.body) as { events: { id: number; kind: string; message: string }[] }).events);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
