import type { Route, RouteName, Routes, Session } from '@muster/api';
import type { z } from 'zod';
import type { AuditNotes } from '../audit/audit-line.ts';

type Out<R, K extends string> = R extends Record<K, infer S extends z.ZodType> ? z.output<S> : undefined;

/** What a handler is given: everything checked against the schemas of its route. */
export type Call<K extends RouteName> = {
  readonly params: Out<Routes[K], 'params'>;
  readonly query: Out<Routes[K], 'query'>;
  readonly body: Out<Routes[K], 'body'>;
  /** Who asks; undefined only on public routes. */
  readonly session: Session | undefined;
  readonly headers: Headers;
  /** The address the request comes from, to count attempts by. */
  readonly address: string;
  /** Tells the audit log what the path does not say. */
  readonly audit: AuditNotes;
  /** Adds cookies to the answer. */
  setCookies(cookies: readonly string[]): void;
  /** Says what the file of a download is: its type, and the name it is kept under. */
  setFile(type: string, name: string): void;
};

/** What a handler gives: the answer, or a file piece by piece. */
type Given<R extends Route> = R extends { produces: readonly string[] } ? AsyncIterable<string | Uint8Array> : z.input<R['response']>;

/** One function for each route of the table. */
export type Handlers = { readonly [K in RouteName]: (call: Call<K>) => Promise<Given<Routes[K]>> };
