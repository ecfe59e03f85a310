import {
  apiPrefix,
  dataAgeHeader,
  problem,
  ProblemError,
  routes,
  type Event,
  type JournalLines,
  type Route,
  type RouteName,
} from '@muster/api';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { journalOf } from './agent-handlers.ts';
import { openFakeConsole } from './console-handlers.ts';
import { handlers } from './handlers.ts';
import { sendStatic } from './static-files.ts';
import { makeWorld, type FakeWorld } from './world.ts';

/** A stand-in for the server, for work on the panel and its tests. It keeps everything in memory and checks its own answers against the schemas of the API. */
export type FakeServer = {
  readonly url: string;
  readonly world: FakeWorld;
  /** Answers of the fake that did not fit the API: must stay empty. */
  readonly faults: string[];
  /** Adds the event and sends it to every open stream. */
  push(event: Event): void;
  /**
   * With `store-unavailable` every call fails as it does while the database is away; with `copy` what only reads is answered from a copy of
   * twelve seconds ago, and changes fail.
   */
  setTrouble(trouble: Trouble): void;
  /** Goes away without a word, as a killed server does. */
  stop(): Promise<void>;
  /** Comes back at the same address. */
  start(): Promise<void>;
};

type Trouble = 'none' | 'store-unavailable' | 'no-stream' | 'copy';

const cookieName = 'fake-session';
const cookieOf = (request: IncomingMessage) => new RegExp(`${cookieName}=([^;]+)`, 'u').exec(request.headers.cookie ?? '')?.[1];

const setCookie = (response: ServerResponse, value: string | null) =>
  response.setHeader('set-cookie', `${cookieName}=${value ?? ''}; Path=/; HttpOnly; SameSite=Strict${value === null ? '; Max-Age=0' : ''}`);

function match(method: string, path: string): { name: RouteName; route: Route; params: Record<string, string> } {
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const pattern = new RegExp(`^${apiPrefix}${route.path.replace(/\{(\w+)\}/gu, '(?<$1>[^/]+)')}$`, 'u');
    const found = route.method === method ? pattern.exec(path) : null;
    if (found !== null)
      return {
        name,
        route,
        params: Object.fromEntries(Object.entries(found.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)])),
      };
  }
  throw problem('not-found', `There is no ${method} ${path}.`);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
}

function queryOf(search: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(
    [...new Set(search.keys())].map((key) => [key, search.getAll(key).length > 1 ? search.getAll(key) : search.get(key)]),
  );
}

function checked<T>(
  schema: {
    safeParse(
      value: unknown,
    ): { success: true; data: T } | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };
  },
  value: unknown,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw problem(
    'invalid-request',
    'The request does not fit the API.',
    result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  );
}

function send(response: ServerResponse, route: Route, value: unknown): void {
  if (route.status === 303) response.writeHead(303, { location: (value as { location: string }).location }).end();
  else if (route.produces !== undefined) response.writeHead(200, { 'content-type': route.produces[0] ?? 'text/plain' }).end(String(value));
  else
    response.writeHead(route.status, { 'content-type': 'application/json' }).end(route.status === 204 ? undefined : JSON.stringify(value));
}

function openStream(response: ServerResponse, streams: Set<ServerResponse>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).write(': open\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

function openJournal(response: ServerResponse, world: FakeWorld, unit: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const tell = (said: JournalLines | { reason: string }) =>
    response.write(`${'reason' in said ? 'event: end\n' : ''}data: ${JSON.stringify(said)}\n\n`);
  tell({ lines: journalOf(unit), dropped: 0 });
  world.journals.add(tell);
  response.on('close', () => world.journals.delete(tell));
}

/** Makes the fake; `port` 0 takes any free one. `distFolder` is where the built panel lies, if it is to be served too. */
export async function startFakeServer(options: { port?: number; distFolder?: string; world?: FakeWorld } = {}): Promise<FakeServer> {
  const world = options.world ?? makeWorld({ good: 60, isNasty: true });
  const faults: string[] = [];
  const streams = new Set<ServerResponse>();
  let trouble: Trouble = 'none';
  let server: Server;
  let port = options.port ?? 0;
  let cutConsoles = (): void => undefined;

  const admit = (route: Route, cookie: string | undefined, isStream: boolean) => {
    if (trouble === 'store-unavailable' || (trouble === 'copy' && route.method !== 'GET'))
      throw problem('store-unavailable', 'PostgreSQL at /run/muster does not answer.');
    if (trouble === 'no-stream' && isStream) throw problem('internal-error', 'No streams today.');
    if (route.access !== 'public' && !world.sessions.has(cookie ?? ''))
      throw problem('not-signed-in', 'There is no session, or it has ended.');
  };

  const answer = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const { name, route, params } = match(request.method ?? 'GET', url.pathname);
    const cookie = cookieOf(request);
    const isStream = ['listEvents', 'readJournal'].includes(name) && request.headers.accept === 'text/event-stream';
    admit(route, cookie, isStream);
    if (trouble === 'copy') response.setHeader(dataAgeHeader, '12');
    if (isStream) return name === 'listEvents' ? openStream(response, streams) : openJournal(response, world, params['unit'] ?? '');
    const body = route.body === undefined ? undefined : checked<unknown>(route.body, await bodyOf(request));
    const query = route.query === undefined ? {} : checked<Record<string, unknown>>(route.query, queryOf(url.searchParams));
    const value = handlers[name]?.(world, { params, query, body, cookie, setCookie: (next) => setCookie(response, next) });
    const fit = route.response.safeParse(value);
    if (!fit.success) faults.push(`${name}: ${fit.error.message}`);
    send(response, route, value);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    try {
      if (url.pathname.startsWith(`${apiPrefix}/`)) await answer(request, response, url);
      else await sendStatic(response, options.distFolder, url.pathname);
    } catch (error) {
      const { problem: body } = error instanceof ProblemError ? error : problem('internal-error', String(error));
      if (!(error instanceof ProblemError)) faults.push(String(error));
      response.writeHead(body.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
    }
  };

  const start = async () => {
    server = createServer((request, response) => void handle(request, response));
    cutConsoles = openFakeConsole(server, world, (request) => world.sessions.has(cookieOf(request) ?? ''));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    port = (server.address() as AddressInfo).port;
  };
  await start();

  return {
    url: `http://127.0.0.1:${port}`,
    world,
    faults,
    push(event) {
      world.events.push(event);
      for (const stream of streams) stream.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
    },
    setTrouble(next) {
      trouble = next;
      if (next !== 'none' && next !== 'copy') for (const stream of streams) stream.destroy();
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      cutConsoles();
      await closed;
    },
    start,
  };
}
