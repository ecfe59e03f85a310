import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Problem, problem, type ProblemCode } from '@muster/api';

/** A request as it came. */
export type Asked = { readonly method: string; readonly path: string; readonly query: URLSearchParams; readonly body: unknown };
/** What a test answers: a body, a problem, or by its own hand. */
export type Answer = { readonly status?: number; readonly body?: unknown } | ((response: ServerResponse) => void);

/** The answer of a server to a request that is wrong. */
export function problemAnswer(code: ProblemCode, detail: string): Answer {
  const body: Problem = problem(code, detail).problem;
  return { status: body.status, body };
}

/** A management server on a Unix socket that gives the answers of a test and remembers what it was asked. */
export class FakeServer {
  readonly asked: Asked[] = [];
  readonly socketPath: string;
  readonly #folder: string;
  readonly #server: Server;

  private constructor(folder: string, answer: (asked: Asked) => Answer) {
    this.#folder = folder;
    this.socketPath = join(folder, 'muster.sock');
    this.#server = createServer((request, response) => {
      void (async () => {
        const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
        const body = await text(request);
        const asked = {
          method: request.method ?? '',
          path: pathname.replace('/api/v1', ''),
          query: searchParams,
          body: body === '' ? undefined : (JSON.parse(body) as unknown),
        };
        this.asked.push(asked);
        const given = answer(asked);
        if (typeof given === 'function') given(response);
        else response.writeHead(given.status ?? 200).end(given.body === undefined ? undefined : JSON.stringify(given.body));
      })();
    });
  }

  static async start(answer: (asked: Asked) => Answer): Promise<FakeServer> {
    const server = new FakeServer(await mkdtemp(join(tmpdir(), 'muster-cli-')), answer);
    server.#server.listen(server.socketPath);
    await once(server.#server, 'listening');
    return server;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true });
  }
}
