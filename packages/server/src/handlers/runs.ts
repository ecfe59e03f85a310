import { problem } from '@muster/api';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import { requireWholeInstallation } from '../permissions/require-whole-installation.ts';
import { whoIs } from '../permissions/who-is.ts';
import type { RunDesk } from '../runs/run-desk.ts';

export type RunHandlerParts = {
  readonly store: { readonly runs: Pick<Store['runs'], 'list' | 'get' | 'keep'> };
  readonly runDesk: Pick<RunDesk, 'start' | 'cancel'>;
};

type RunRoutes = 'listRuns' | 'getRun' | 'keepRun' | 'startRun' | 'cancelRun';

/** Runs of apply: what other machines tell of them, and those that this server executes. */
export function runHandlers({ store: { runs }, runDesk }: RunHandlerParts): Pick<Handlers, RunRoutes> {
  return {
    listRuns: ({ query }) => runs.list(query),
    getRun: ({ params }) => runs.get(params.id),
    keepRun: async ({ params, body }) => {
      if (body.id !== params.id) throw problem('invalid-request', `The run is ${body.id}, and not the one of the path.`);
      return await runs.keep(body);
    },
    startRun: async ({ body, session, audit }) => {
      requireWholeInstallation(session);
      const run = await runDesk.start(body, whoIs(session));
      audit.about(run.id, body.inventory);
      return run;
    },
    cancelRun: async ({ params, session }) => {
      requireWholeInstallation(session);
      return await runDesk.cancel(params.id, whoIs(session));
    },
  };
}
