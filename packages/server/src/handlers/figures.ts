import { maxFigurePoints, problem } from '@muster/api';
import { type Clock, drawFigures, figureSteps } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';

const dayMs = 86_400_000;

export type FigureHandlerParts = { readonly store: Pick<Store, 'samples'>; readonly clock: Clock };

/** The fleet over time, from the samples that are kept of it. */
export function figureHandlers({ store, clock }: FigureHandlerParts): Pick<Handlers, 'getFleetFigures'> {
  return {
    getFleetFigures: async ({ query }) => {
      const nowMs = clock.wallMs();
      const sinceMs = query.since === undefined ? nowMs - dayMs : Date.parse(query.since);
      // Nothing is known of what is to come.
      const untilMs = Math.min(nowMs, query.until === undefined ? nowMs : Date.parse(query.until));
      const steps = figureSteps(
        { sinceMs, untilMs, nowMs, ...(query.step === undefined ? {} : { stepSeconds: query.step }) },
        maxFigurePoints,
      );
      if ('message' in steps) throw problem('invalid-request', `The query is not valid: ${steps.path}: ${steps.message}.`, [steps]);
      const { resolutionSeconds, firstSeconds, stepSeconds, count } = steps;
      const { fleet, tasks } = await store.samples.read(resolutionSeconds, firstSeconds, firstSeconds + count * stepSeconds);
      const moment = (ms: number) => new Date(ms).toISOString();
      return { since: moment(sinceMs), until: moment(untilMs), stepSeconds, ...drawFigures(steps, fleet, tasks) };
    },
  };
}
