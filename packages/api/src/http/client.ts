import type { z } from 'zod';
import { Problem, ProblemError, problem } from './problem.ts';
import type { Route } from './route.ts';
import { routes, type RouteName, type Routes } from './routes.ts';

type Member<R, K extends string> = R extends Record<K, infer S extends z.ZodType> ? z.input<S> : never;
/** What a call takes: path parameters, query and body, each only where the route has one. */
export type CallInput<R> = ([Member<R, 'params'>] extends [never] ? object : { params: Member<R, 'params'> }) &
  ([Member<R, 'query'>] extends [never] ? object : { query?: Partial<Member<R, 'query'>> }) &
  ([Member<R, 'body'>] extends [never] ? object : { body: Member<R, 'body'> });
type Answer<R extends Route> = z.output<R['response']>;

/** A client with one function for each route; made from the table of routes, so it cannot drift from the server. */
export type Client = {
  readonly [K in RouteName]: (input: CallInput<Routes[K]>, signal?: AbortSignal) => Promise<Answer<Routes[K]>>;
};

/** The part of `fetch` that the client needs; the CLI gives one that speaks through a Unix socket. */
export type FetchLike = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string | Uint8Array<ArrayBuffer>; signal?: AbortSignal },
) => Promise<{ status: number; text(): Promise<string> }>;

export const apiPrefix = '/api/v1';

/** Of an answer that was read from a copy while no database takes writes: how old it may be, whole seconds. Absent at all other times. */
export const dataAgeHeader = 'muster-data-age';

/** Builds the URL of a call: parameters encoded, undefined members of the query left out, arrays repeated. */
export function callUrl(route: Route, input: { params?: Record<string, unknown>; query?: Record<string, unknown> }): string {
  const path = route.path.replace(/\{(\w+)\}/gu, (_, key: string) => encodeURIComponent(String(input.params?.[key])));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(input.query ?? {})) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(key, String(one));
  }
  const query = search.toString();
  return `${apiPrefix}${path}${query === '' ? '' : `?${query}`}`;
}

/**
 * Makes the typed client. Answers are checked against the schema of the route.
 * @throws ProblemError for every answer that is an error, and for an answer that is not ours at all
 */
export function createClient(base: string, fetchLike: FetchLike): Client {
  const call = async (name: RouteName, input: Record<string, unknown>, signal?: AbortSignal) => {
    const route: Route = routes[name];
    const headers: Record<string, string> = { accept: 'application/json' };
    const init: Parameters<FetchLike>[1] = { method: route.method, headers };
    if (route.body !== undefined) Object.assign(init, bodyOf(route, input['body'], headers));
    if (signal !== undefined) init.signal = signal;
    const answer = await fetchLike(base + callUrl(route, input), init);
    const text = await answer.text();
    if (answer.status !== route.status) throw problemOf(answer.status, text);
    return answerOf(route, text);
  };
  const entries = (Object.keys(routes) as RouteName[]).map(
    (name) => [name, (input = {}, signal?: AbortSignal) => call(name, input, signal)] as const,
  );
  return Object.fromEntries(entries) as unknown as Client;
}

function bodyOf(route: Route, body: unknown, headers: Record<string, string>): Pick<Parameters<FetchLike>[1], 'body'> {
  const isBytes = route.bodyBytes !== undefined;
  headers['content-type'] = isBytes ? 'application/octet-stream' : 'application/json';
  return { body: isBytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) };
}

function answerOf(route: Route, text: string): unknown {
  // A file is given as it is.
  if (route.produces !== undefined) return text;
  try {
    return route.response.parse(text === '' ? undefined : JSON.parse(text));
  } catch (cause) {
    throw notOurs(route.status, cause);
  }
}

function problemOf(status: number, text: string): ProblemError {
  try {
    return new ProblemError(Problem.parse(JSON.parse(text)));
  } catch (cause) {
    return notOurs(status, cause);
  }
}

const notOurs = (status: number, cause: unknown): ProblemError =>
  problem(
    'internal-error',
    `The answer (status ${status}) is not one that this version of Muster gives: is this the address of a Muster server of the same version?`,
    undefined,
    { cause },
  );
