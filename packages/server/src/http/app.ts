import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { apiPrefix, openApiDocument, problem } from '@muster/api';
import type { Log } from '@muster/core';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { bindRoutes, type Identify } from './bind-routes.ts';
import type { EventReplay } from '../handlers/events.ts';
import type { EventStream } from './event-stream.ts';
import type { Handlers } from './handlers.ts';
import { problemOf } from './problem-of.ts';

export type AppOptions = {
  readonly handlers: Handlers;
  readonly identify: Identify;
  readonly stream: EventStream;
  readonly replay: EventReplay;
  readonly log: Log;
  readonly version: string;
  /** Folder of the built panel; undefined where only the API is served (the Unix socket). */
  readonly panelDir?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
};

const maxBodyBytes = 1_048_576;

const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** The HTTP server of one listener: API and, where asked for, the panel. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { handlers, identify, stream, replay, log, version, panelDir, tls } = options;
  const settings = { bodyLimit: maxBodyBytes, forceCloseConnections: true as const, routerOptions: { maxParamLength: 300 } };
  const app = (tls === undefined ? fastify(settings) : fastify({ ...settings, https: { ...tls, minVersion: 'TLSv1.2' } })) as FastifyInstance;
  app.addHook('onRequest', async (_request, reply) => void reply.headers(securityHeaders));
  app.setErrorHandler((error, request, reply) => {
    const found = problemOf(error);
    if (found.problem.status >= 500) log.error({ method: request.method, route: request.routeOptions.url, error: describe(found.cause ?? found) }, 'a request failed');
    return sendProblem(reply, found);
  });
  const document = openApiDocument(version);
  app.get(`${apiPrefix}/openapi.json`, async () => document);
  app.addHook('preHandler', async (request, reply) => {
    if (!wantsStream(request)) return;
    const session = await identify(request, new Headers({ cookie: request.headers.cookie ?? '' }));
    if (session === undefined) throw problem('not-signed-in', 'Sign in first.');
    reply.hijack();
    // Headers that hooks have set stay behind with the reply that was hijacked.
    for (const [name, value] of Object.entries(securityHeaders)) reply.raw.setHeader(name, value);
    await stream.watch(reply.raw, () => replay(request.headers['last-event-id']));
  });
  bindRoutes(app, handlers, identify);
  if (panelDir !== undefined) await servePanel(app, panelDir);
  else app.setNotFoundHandler((_request, reply) => sendProblem(reply, nothingHere()));
  return app;
}

const wantsStream = (request: FastifyRequest) =>
  request.method === 'GET' && request.routeOptions.url === `${apiPrefix}/events` && (request.headers.accept ?? '').includes('text/event-stream');

async function servePanel(app: FastifyInstance, panelDir: string): Promise<void> {
  if (!existsSync(join(panelDir, 'index.html'))) {
    app.setNotFoundHandler((request, reply) =>
      request.url.startsWith('/api/') ? sendProblem(reply, nothingHere()) : reply.code(503).type('text/plain').send('The panel is not built: run "npm run build" in the checkout.\n'),
    );
    return;
  }
  await app.register(fastifyStatic, { root: panelDir, cacheControl: false, setHeaders: (reply, path) => reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache') });
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && !request.url.startsWith('/api/') && !request.url.startsWith('/assets/');
    return isPage ? reply.sendFile('index.html') : sendProblem(reply, nothingHere());
  });
}

const nothingHere = () => problem('not-found', 'There is nothing at this address.');

function sendProblem(reply: FastifyReply, error: ReturnType<typeof problem>): FastifyReply {
  if (error.problem.status === 503) reply.header('retry-after', '2');
  return reply.code(error.problem.status).type('application/problem+json').send(JSON.stringify(error.problem));
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
