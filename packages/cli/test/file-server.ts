import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Asked = {
  readonly path: string;
  readonly query: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
};

/** A real HTTP server on loopback with files in memory, which can cut connections, refuse, and leave out what servers may leave out. */
export class FileServer {
  readonly files = new Map<string, Buffer>();
  readonly asked: Asked[] = [];
  /** The next answers end after so many bytes, by a connection that is cut. */
  cutAfterBytes: number[] = [];
  /** The next answers are these. */
  refuse: number[] = [];
  /** From a path to another address. */
  readonly redirects = new Map<string, string>();
  /** Whether it ends each connection after its answer, as old servers do. */
  isClosing = false;
  hasRanges = true;
  hasLength = true;
  /** One path is given only to who says this. */
  challenge: { readonly path: string; readonly authorization: string; readonly header: string } | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<FileServer> {
    const server = new FileServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname: path, search: query } = new URL(request.url ?? '/', 'http://here');
    const { range, authorization } = request.headers;
    this.asked.push({ path, query, range, authorization });
    const refused = this.refuse.shift();
    const content = this.files.get(path);
    if (refused !== undefined) return void response.writeHead(refused).end();
    if (this.challenge?.path === path && authorization !== this.challenge.authorization)
      return void response.writeHead(401, { 'www-authenticate': this.challenge.header }).end();
    const location = this.redirects.get(path);
    if (location !== undefined) return void response.writeHead(302, { location }).end();
    if (content === undefined) return void response.writeHead(404).end();
    this.#send(response, content, Number(/^bytes=(\d+)-$/u.exec(range ?? '')?.[1] ?? Number.NaN));
  }

  #send(response: ServerResponse, content: Buffer, from: number): void {
    const isPart = this.hasRanges && !Number.isNaN(from);
    if (isPart && from >= content.length) return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    const body = isPart ? content.subarray(from) : content;
    response.writeHead(isPart ? 206 : 200, {
      ...(this.isClosing ? { connection: 'close' } : {}),
      ...(this.hasLength ? { 'content-length': body.length } : {}),
      ...(isPart ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    });
    const cut = this.cutAfterBytes.shift();
    if (cut === undefined) return void response.end(body);
    // A moment later: what is on its way when a connection is cut may or may not arrive.
    response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 50));
  }
}
