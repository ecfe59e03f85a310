import { problem } from '@muster/api';
import { foldNames } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import { meantByRange } from '../ranges/resolve-range.ts';

type RangeParts = { readonly store: Pick<Store, 'nodes' | 'names'> };

/** What ranges name, and which names there are. */
export function rangeHandlers({ store }: RangeParts): Pick<Handlers, 'expandRange' | 'foldRange' | 'listNames'> {
  return {
    expandRange: async ({ body }) => {
      const names = (await meantByRange(store, body.range, { allowEmpty: body.allowEmpty })).map(({ name }) => name);
      return { names, range: foldNames(names) };
    },
    foldRange: async ({ body }) => {
      const known = new Set((await store.nodes.world({ fields: [], labels: false })).map(({ name }) => name));
      const unknown = body.names.filter((name) => !known.has(name));
      if (unknown.length > 0) throw unknownNames(unknown);
      return { range: foldNames(body.names) };
    },
    listNames: ({ query }) => store.names.beginningWith(query.prefix, query.limit),
  };
}

/** Of very many the first. */
const named = 20;

function unknownNames(names: readonly string[]) {
  const rest = names.length > named ? ` and ${names.length - named} more` : '';
  const errors = names.slice(0, named).map((name) => ({ path: 'names', message: `there is no node ${JSON.stringify(name)}` }));
  return problem(
    'invalid-request',
    `There is no node ${names.slice(0, named).join(', ')}${rest}. List the nodes to see which there are.`,
    errors,
  );
}
