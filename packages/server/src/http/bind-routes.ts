import { Readable } from 'node:stream';
import { apiPrefix, dataAgeHeader, problem, type ProblemError, type Route, type RouteName, routes, type Session } from '@muster/api';
import { roleIncludes } from '@muster/core';
import { Reading, type Store } from '@muster/store';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { AuditLine } from '../audit/audit-line.ts';
import type { Auditor } from '../audit/auditor.ts';
import type { Call, Handlers } from './handlers.ts';

/** Finds out who asks; undefined when nobody is signed in. */
export type Identify = (request: FastifyRequest, headers: Headers) => Promise<Session | undefined>;

/** A request that has come in: who it is, its line in the audit log where it has one, and where it only reads what that is read from. */
type Arrival = {
  readonly headers: Headers;
  readonly line: AuditLine | undefined;
  readonly reading: Reading | undefined;
  session: Session | undefined;
};

/** People and programs whose rights may have been taken back meanwhile are not answered from a copy that is older than this. */
const oldestForOthersMs = 10 * 60_000;

/** Writes down, where the request is one for the audit log, that it was refused. @throws StoreUnavailable */
export type SettleRefusal = (request: FastifyRequest, refusal: ProblemError) => Promise<void>;

export type BoundParts = {
  readonly handlers: Handlers;
  readonly identify: Identify;
  readonly auditor: Auditor;
  readonly store: Pick<Store, 'reading'>;
};

/**
 * Registers every route of the table with its handler: checked access before anything is read, checked input, typed answer, and a line in the
 * audit log for what may change something.
 */
export function bindRoutes(app: FastifyInstance, { handlers, identify, auditor, store }: BoundParts): SettleRefusal {
  const arrivals = new WeakMap<FastifyRequest, Arrival>();
  const read = <T>({ reading }: Arrival, work: () => Promise<T>) => (reading === undefined ? work() : store.reading(reading, work));
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const handler = handlers[name] as (call: Call<RouteName>) => Promise<unknown>;
    app.route({
      method: route.method,
      ...bodyLimitOf(route),
      url: apiPrefix + route.path.replace(/\{(\w+)\}/gu, ':$1'),
      onRequest: async (request) => {
        const line = auditor.open(name, route, addressOf(request), request.params as Record<string, unknown>);
        const arrival: Arrival = { headers: headersOf(request), line, reading: readingOf(route), session: undefined };
        arrivals.set(request, arrival);
        const session = route.access === 'public' ? undefined : await read(arrival, () => identify(request, arrival.headers));
        refuseOldCopy(arrival, session);
        if (session !== undefined) line?.by(session);
        refuseForeignOrigin(request);
        if (route.access !== 'public') arrival.session = allowed(route, session);
      },
      handler: async (request, reply) => {
        const arrival = arrivals.get(request) ?? { headers: headersOf(request), line: undefined, reading: undefined, session: undefined };
        const headers = new AnswerHeaders();
        const call = callOf(route, request, headers, arrival);
        arrival.line?.sent(call.body);
        await arrival.line?.begin();
        const answer = await read(arrival, () => handler(call as Call<RouteName>));
        await arrival.line?.done(route.status, answer);
        return send(agedBy(arrival, headers.on(reply)), route, answer);
      },
    });
  }
  return async (request, refusal) => arrivals.get(request)?.line?.refused(refusal);
}

/** A file is written while it is sent, and what leads a browser on may have signed somebody in: neither can be begun anew from a copy. */
const readingOf = ({ method, status, produces, fromPrimary }: Route): Reading | undefined =>
  method === 'GET' && status === 200 && produces === undefined && fromPrimary !== true ? new Reading() : undefined;

/** @throws ProblemError `store-unavailable` */
function refuseOldCopy({ reading }: Arrival, session: Session | undefined): void {
  if (session === undefined || session.kind === 'local' || (reading?.ageMs ?? 0) < oldestForOthersMs) return;
  throw problem(
    'store-unavailable',
    'No database has taken writes for ten minutes, so nobody can say whether you may still read here. On the server itself the muster command goes on to read.',
  );
}

/** Says how old the answer may be, where it came from a copy. */
function agedBy({ reading }: Arrival, reply: FastifyReply): FastifyReply {
  return reading?.ageMs === undefined ? reply : reply.header(dataAgeHeader, String(Math.ceil(reading.ageMs / 1000)));
}

function bodyLimitOf({ bodyBytes, jsonBytes }: Route): { bodyLimit?: number } {
  const bodyLimit = bodyBytes ?? jsonBytes;
  return bodyLimit === undefined ? {} : { bodyLimit };
}

/** What a handler says of its answer, kept until that may go out: nobody must be signed in by an answer that is an error in the end. */
class AnswerHeaders {
  readonly #cookies: string[] = [];
  #file: { type: string; name: string } | undefined;

  setCookies(cookies: readonly string[]): void {
    this.#cookies.push(...cookies);
  }

  setFile(type: string, name: string): void {
    this.#file = { type, name };
  }

  on(reply: FastifyReply): FastifyReply {
    if (this.#cookies.length > 0) reply.header('set-cookie', this.#cookies);
    if (this.#file === undefined) return reply;
    const { type, name } = this.#file;
    return reply.type(type).header('content-disposition', `attachment; filename="${name.replaceAll(/[^\w.-]/gu, '_')}"`);
  }
}

const silent = {
  concerns: () => undefined,
  about: () => undefined,
  changed: () => undefined,
  by: () => undefined,
  claims: () => undefined,
};

function callOf(route: Route, request: FastifyRequest, answer: AnswerHeaders, { headers, session, line }: Arrival) {
  return {
    params: checked(route.params, request.params, 'path'),
    query: checked(route.query, request.query, 'query'),
    body: checked(route.body, request.body, 'body'),
    session,
    headers,
    address: addressOf(request),
    audit: line ?? silent,
    setCookies: (cookies: readonly string[]) => answer.setCookies(cookies),
    setFile: (type: string, name: string) => answer.setFile(type, name),
  };
}

/** The network address of whoever asks. */
export const addressOf = (request: FastifyRequest): string => request.ip ?? 'local';

function send(reply: FastifyReply, route: Route, answer: unknown): FastifyReply {
  reply.code(route.status);
  if (route.status === 204) return reply.send();
  if (route.produces !== undefined) return reply.send(Readable.from(answer as AsyncIterable<string | Uint8Array>));
  if (route.status === 303) reply.header('location', (answer as { location: string }).location);
  return reply.type('application/json').send(JSON.stringify(answer));
}

/** Whoever asks, if he may call the route at all. @throws ProblemError */
export function allowed(route: Route, session: Session | undefined): Session {
  if (session === undefined)
    throw problem('not-signed-in', 'Sign in first: open the panel, or run "muster login", or the command on the server itself.');
  if (route.access === 'local' && session.kind !== 'local')
    throw problem('not-allowed', 'This can only be done on the server itself, with the muster command.');
  if (route.access !== 'public' && route.access !== 'local' && !roleIncludes(session.role, route.access))
    throw problem(
      'not-allowed',
      `${session.name} may not do this: it takes the role ${route.access}, and this account has the role ${session.role}.`,
    );
  return session;
}

/** The key that a program sends, where it sends one: then nothing else says who it is. */
export function bearerOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  return /^Bearer +(\S+)$/iu.exec(headers.authorization ?? '')?.[1];
}

/**
 * A page of another site must not act with a person's cookie, nor sign somebody in. SameSite says so too; this does not trust it alone.
 * Programs that are no browsers send neither header. A key is never sent by a browser of itself, as a cookie is: it needs no origin.
 */
function refuseForeignOrigin(request: FastifyRequest): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') refuseForeignPage(request);
}

/** The same for what is asked for by GET and yet can do something. @throws ProblemError */
export function refuseForeignPage(request: FastifyRequest): void {
  if (bearerOf(request) !== undefined) return;
  const { headers } = request;
  const { origin, host, 'sec-fetch-site': site } = headers;
  const isOwn = site === undefined ? origin === undefined || URL.parse(origin)?.host === host : site === 'same-origin' || site === 'none';
  if (!isOwn) throw problem('not-allowed', 'The request comes from a page of another site.');
}

/** What a request holds, as the schema reads it. @throws ProblemError `invalid-request` that names each wrong member */
export function checked<S extends z.ZodType | undefined>(
  schema: S,
  value: unknown,
  where: string,
): S extends z.ZodType ? z.output<S> : undefined;
export function checked(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({ path: issue.path.join('.') || where, message: issue.message }));
  const first = errors.map((error) => `${error.path}: ${error.message}`).join('; ');
  throw problem('invalid-request', `The ${where} is not valid: ${first}.`, errors);
}

/** The headers of a request, as the identification of people takes them. */
export function headersOf(request: FastifyRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  return headers;
}
