import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';

/** Runs of apply, which the machines that ran them tell of. */
export function runHandlers({
  store: { runs },
}: {
  readonly store: Pick<Store, 'runs'>;
}): Pick<Handlers, 'listRuns' | 'getRun' | 'keepRun'> {
  return {
    listRuns: ({ query }) => runs.list(query),
    getRun: ({ params }) => runs.get(params.id),
    keepRun: ({ body }) => runs.keep(body),
  };
}
