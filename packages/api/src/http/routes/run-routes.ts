import { z } from 'zod';
import { ProvisionRun, ProvisionRunList, ProvisionRunSummary } from '../../run/provision-run.ts';
import { idParams, page, type Route } from '../route.ts';

const RunListQuery = z.strictObject(page);

/** Runs of `muster apply`, which its own machine tells the server of when one is over. */
export const runRoutes = {
  listRuns: {
    method: 'GET',
    path: '/runs',
    access: 'viewer',
    query: RunListQuery,
    response: ProvisionRunList,
    status: 200,
    summary: 'Runs of apply, newest first',
  },
  getRun: {
    method: 'GET',
    path: '/runs/{id}',
    access: 'viewer',
    params: idParams,
    response: ProvisionRun,
    status: 200,
    summary: 'One run, with what became of each host',
  },
  keepRun: {
    method: 'POST',
    path: '/runs',
    access: 'administrator',
    body: ProvisionRun,
    response: ProvisionRunSummary,
    status: 201,
    summary: 'Keep a run that is over; one of the same id is replaced',
  },
} as const satisfies Record<string, Route>;
