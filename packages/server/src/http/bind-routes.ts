import { apiPrefix, problem, type Route, type RouteName, routes, type Session } from '@muster/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Call, Handlers } from './handlers.ts';

/** Finds out who asks; undefined when nobody is signed in. */
export type Identify = (request: FastifyRequest, headers: Headers) => Promise<Session | undefined>;

/** Registers every route of the table with its handler: checked input, checked access, typed answer. */
export function bindRoutes(app: FastifyInstance, handlers: Handlers, identify: Identify): void {
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const handler = handlers[name] as (call: Call<RouteName>) => Promise<unknown>;
    app.route({
      method: route.method,
      url: apiPrefix + route.path.replace(/\{(\w+)\}/gu, ':$1'),
      handler: async (request, reply) => {
        const headers = headersOf(request);
        refuseForeignOrigin(request);
        const session = route.access === 'public' ? undefined : allowed(route, await identify(request, headers));
        const call = {
          params: checked(route.params, request.params, 'path'),
          query: checked(route.query, request.query, 'query'),
          body: checked(route.body, request.body, 'body'),
          session,
          headers,
          address: request.ip ?? 'local',
          setCookies: (cookies: readonly string[]) => void reply.header('set-cookie', [...cookies]),
        } as unknown as Call<RouteName>;
        return send(reply, route, await handler(call));
      },
    });
  }
}

function send(reply: FastifyReply, route: Route, answer: unknown): FastifyReply {
  reply.code(route.status);
  return route.status === 204 ? reply.send() : reply.type('application/json').send(JSON.stringify(answer));
}

function allowed(route: Route, session: Session | undefined): Session {
  if (session === undefined) throw problem('not-signed-in', 'Sign in first: open the panel, or run the command on the server itself.');
  if (route.access === 'local' && session.kind !== 'local')
    throw problem('not-allowed', 'This can only be done on the server itself, with the muster command.');
  if (route.access === 'administrator' && session.role !== 'administrator')
    throw problem('not-allowed', `${session.name} may look, but not change anything.`);
  return session;
}

/**
 * A page of another site must not act with a person's cookie, nor sign somebody in. SameSite says so too; this does not trust it alone.
 * Programs that are no browsers send neither header.
 */
function refuseForeignOrigin({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD') return;
  const { origin, host, 'sec-fetch-site': site } = headers;
  const isOwn = site === undefined ? origin === undefined || URL.parse(origin)?.host === host : site === 'same-origin' || site === 'none';
  if (!isOwn) throw problem('not-allowed', 'The request comes from a page of another site.');
}

function checked(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({ path: issue.path.join('.') || where, message: issue.message }));
  const first = errors.map((error) => `${error.path}: ${error.message}`).join('; ');
  throw problem('invalid-request', `The ${where} is not valid: ${first}.`, errors);
}

function headersOf(request: FastifyRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  return headers;
}
