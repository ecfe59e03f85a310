import { z } from 'zod';
import { RunStart } from '../../run/run-start.ts';
import { ProvisionRun, ProvisionRunList, ProvisionRunSummary } from '../../run/provision-run.ts';
import { idParams, page, type Route } from '../route.ts';

const RunListQuery = z.strictObject(page);

/** Runs of `muster apply`: those that a person's machine tells the server of when they are over, and those that the server executes itself. */
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
    method: 'PUT',
    path: '/runs/{id}',
    access: 'administrator',
    params: idParams,
    body: ProvisionRun,
    response: ProvisionRunSummary,
    status: 200,
    summary: 'Keep a run that a person’s machine tells of; one of the same id is replaced, but none that the server executed',
  },
  startRun: {
    method: 'POST',
    path: '/runs',
    access: 'administrator',
    body: RunStart,
    response: ProvisionRunSummary,
    status: 202,
    summary: 'Let the server run apply by itself, with its own key',
  },
  cancelRun: {
    method: 'POST',
    path: '/runs/{id}/cancel',
    access: 'administrator',
    params: idParams,
    response: ProvisionRunSummary,
    status: 202,
    summary: 'End a run that the server executes; what is under way on a host is finished',
  },
} as const satisfies Record<string, Route>;
