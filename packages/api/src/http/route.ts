import { z } from 'zod';

/** Who may call a route at least; `public` needs no session, `local` only the Unix socket. */
export type RouteAccess = 'public' | 'viewer' | 'operator' | 'administrator' | 'local';

/**
 * One route as data: server, OpenAPI document, typed client and their tests are all made from the table of them. Path parameters are
 * `{name}` as in OpenAPI. `access` is the least that is asked; what an operator may do on which node is asked besides, by the handler.
 */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly access: RouteAccess;
  /** `may-be-late`: it is done while the database is away too, and its line in the audit log is written when that is back. */
  readonly audit?: 'may-be-late';
  /** What it tells is of the database that takes writes, so that a copy is no answer. */
  readonly fromPrimary?: true;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The body is bytes (`application/octet-stream`), at most so many. */
  readonly bodyBytes?: number;
  /** The JSON of the body may have so many bytes; without it 1 MiB. */
  readonly jsonBytes?: number;
  readonly response: z.ZodType;
  /** The types of an answer that is sent a piece after the other, and given as it is: an export. */
  readonly produces?: readonly string[];
  /** With 303 the answer's `location` is where a browser goes on. */
  readonly status: 200 | 201 | 202 | 204 | 303;
};

/** A node by id or by name. */
export const nodeParams = z.object({ node: z.string().min(1).max(253) });
/** Anything that is found by its UUID. */
export const idParams = z.object({ id: z.uuid() });
/** A member of the query that may stand there never, once or many times. */
export const repeated = z.preprocess(asList, z.array(z.string()));
/** An answer without a body. */
export const none = z.undefined();

function asList(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** A page of a list. */
export const page = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).default(0),
};
