import { apiPrefix, openApiDocument, problem } from '@muster/api';
import type { Log } from '@muster/core';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { EventPages } from '../handlers/events.ts';
import { bindRoutes, type Identify } from './bind-routes.ts';
import type { EventStream } from './event-stream.ts';
import type { Handlers } from './handlers.ts';
import { problemOf } from './problem-of.ts';
import { nothingHere, sendProblem, sendProblemOnSocket } from './send-problem.ts';
import { servePanel } from './serve-panel.ts';

export type AppOptions = {
  readonly handlers: Handlers;
  readonly identify: Identify;
  readonly stream: EventStream;
  readonly pages: EventPages;
  readonly log: Log;
  readonly version: string;
  /** Folder of the built panel; undefined where only the API is served (the Unix socket). */
  readonly panelDir?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
};

const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** The HTTP server of one listener: API and, where asked for, the panel. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { handlers, identify, version, panelDir, log } = options;
  const app = makeServer(options);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, log));
  const document = openApiDocument(version);
  app.get(`${apiPrefix}/openapi.json`, async () => document);
  app.addHook('preHandler', async (request, reply) => {
    if (wantsStream(request)) await watchEvents(request, reply, options);
  });
  bindRoutes(app, handlers, identify);
  if (panelDir !== undefined) await servePanel(app, panelDir);
  else app.setNotFoundHandler((_request, reply) => sendProblem(reply, nothingHere()));
  return app;
}

function makeServer({ tls, log }: AppOptions): FastifyInstance {
  const settings = {
    bodyLimit: 1_048_576,
    // The time in which a request must have arrived; an answer may take as long as it likes.
    requestTimeout: 30_000,
    forceCloseConnections: true as const,
    routerOptions: { maxParamLength: 300 },
    clientErrorHandler: sendProblemOnSocket,
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(securityHeaders);
      return void answerError(error, request, reply, log);
    },
  };
  return (tls === undefined ? fastify(settings) : fastify({ ...settings, https: { ...tls, minVersion: 'TLSv1.2' } })) as FastifyInstance;
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const found = problemOf(error);
  if (found.problem.status >= 500) {
    const level = found.problem.status === 503 ? 'warn' : 'error';
    log[level]({ method: request.method, route: request.routeOptions.url, error: described(found.cause ?? found) }, 'a request failed');
  }
  return sendProblem(reply, found);
}

const described = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

const wantsStream = (request: FastifyRequest) =>
  request.method === 'GET' &&
  request.routeOptions.url === `${apiPrefix}/events` &&
  (request.headers.accept ?? '').includes('text/event-stream');

/** Event ids are whole numbers; anything else a client sends as the last one it saw is as good as none. */
function lastSeenId(request: FastifyRequest): number | undefined {
  const text = request.headers['last-event-id'];
  return typeof text === 'string' && /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}

async function watchEvents(request: FastifyRequest, reply: FastifyReply, { identify, stream, pages }: AppOptions): Promise<void> {
  const cookies = new Headers({ cookie: request.headers.cookie ?? '' });
  const mayStay = async () => (await identify(request, cookies)) !== undefined;
  if (!(await mayStay())) throw problem('not-signed-in', 'Sign in first.');
  const open = () => {
    reply.hijack();
    // Headers that hooks have set stay behind with the reply that was hijacked.
    for (const [name, value] of Object.entries(securityHeaders)) reply.raw.setHeader(name, value);
    return reply.raw;
  };
  await stream.watch({ lastSeenId: lastSeenId(request), pages, mayStay, open });
}
