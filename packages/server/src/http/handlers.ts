import type { RouteName, Routes, Session } from '@muster/api';
import type { z } from 'zod';

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
  /** Adds cookies to the answer. */
  setCookies(cookies: readonly string[]): void;
};

/** One function for each route of the table. */
export type Handlers = { readonly [K in RouteName]: (call: Call<K>) => Promise<z.input<Routes[K]['response']>> };
