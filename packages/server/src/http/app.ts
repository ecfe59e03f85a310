import { apiPrefix, openApiDocument, problem } from '@muster/api';
import type { Log } from '@muster/core';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { EventPages } from '../handlers/events.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { type MetricsAccess, serveMetrics } from '../metrics/serve-metrics.ts';
import { type BoundParts, bindRoutes, type SettleRefusal } from './bind-routes.ts';
import type { EventStream } from './event-stream.ts';
import { problemOf } from './problem-of.ts';
import { nothingHere, sendProblem, sendProblemOnSocket } from './send-problem.ts';
import { type AuthorityFiles, serveAuthority } from './serve-authority.ts';
import { servePanel } from './serve-panel.ts';
import { type ConsoleApp, takeUpgrades, wantsConsole, watchConsole } from './watch-console.ts';
import { type JournalApp, wantsJournal, watchJournal } from './watch-journal.ts';

export type AppOptions = BoundParts & {
  readonly stream: EventStream;
  readonly pages: EventPages;
  readonly journals: JournalApp;
  readonly consoles: ConsoleApp;
  readonly metrics: Metrics;
  /** Who may read the metrics here; undefined where they are not served. */
  readonly metricsAccess?: MetricsAccess;
  readonly log: Log;
  readonly version: string;
  /** Folder of the built panel; undefined where only the API is served (the Unix socket). */
  readonly panelDir?: string;
  readonly authorityFiles?: AuthorityFiles;
  /** Proxies whose word on where a request comes from is taken; `all` where only such can connect. */
  readonly trustedProxies?: readonly string[] | 'all';
  readonly tls?: { readonly key: string; readonly cert: string };
};

const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** Room for an address with a range of 16,000 characters, each of which may be written as three. */
const maxHeaderSize = 65_536;

/** The HTTP server of one listener: API and, where asked for, the panel. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { version, panelDir, log, metrics, metricsAccess } = options;
  const app = makeServer(options);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => measure(metrics, request, reply));
  if (metricsAccess !== undefined) serveMetrics(app, metrics, metricsAccess);
  const document = openApiDocument(version);
  app.get(`${apiPrefix}/openapi.json`, async () => document);
  app.addHook('preHandler', async (request, reply) => {
    if (wantsStream(request)) await watchEvents(request, reply, options);
    else if (wantsJournal(request)) await watchJournal(request, reply, { ...options, headers: securityHeaders });
    else if (wantsConsole(request)) await watchConsole(request, reply, options);
  });
  takeUpgrades(app);
  // Only what a route takes: everywhere else bytes are no body that could be read.
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const settle = bindRoutes(app, options);
  app.setErrorHandler(async (error, request, reply) => answerError(await settled(error, request, settle), request, reply, log));
  if (options.authorityFiles !== undefined) serveAuthority(app, options.authorityFiles);
  if (panelDir !== undefined) await servePanel(app, panelDir);
  else app.setNotFoundHandler((_request, reply) => sendProblem(reply, nothingHere()));
  return app;
}

function makeServer({ tls, log, trustedProxies = [] }: AppOptions): FastifyInstance {
  const settings = {
    bodyLimit: 1_048_576,
    // The time in which a request must have arrived; an answer may take as long as it likes.
    requestTimeout: 30_000,
    forceCloseConnections: true as const,
    trustProxy: trustedProxies === 'all' || (trustedProxies.length === 0 ? false : [...trustedProxies]),
    routerOptions: { maxParamLength: 300 },
    clientErrorHandler: sendProblemOnSocket,
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(securityHeaders);
      return void answerError(error, request, reply, log);
    },
  };
  const http = { maxHeaderSize };
  return (
    tls === undefined ? fastify({ ...settings, http }) : fastify({ ...settings, https: { ...tls, ...http, minVersion: 'TLSv1.2' } })
  ) as FastifyInstance;
}

/** A stream of events is open for as long as somebody watches, which says nothing of the server. */
function measure(metrics: Metrics, request: FastifyRequest, reply: FastifyReply): void {
  if (wantsStream(request) || wantsConsole(request)) return;
  const route = request.routeOptions.url ?? 'none';
  metrics.answered({ method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
}

/** What is answered: the error itself, or, where it could not be written down that the request was refused, that. */
async function settled(error: unknown, request: FastifyRequest, settle: SettleRefusal): Promise<unknown> {
  const refusal = problemOf(error);
  try {
    await settle(request, refusal);
    return error;
  } catch (unwritten) {
    return refusal.problem.status >= 500 ? error : unwritten;
  }
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
