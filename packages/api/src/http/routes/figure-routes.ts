import { z } from 'zod';
import { FleetFigures } from '../../figures/fleet-figures.ts';
import type { Route } from '../route.ts';

/** Moments that one answer may have. */
export const maxFigurePoints = 2000;

export const FigureQuery = z.strictObject({
  /** Default: a day ago. */
  since: z.iso.datetime({ offset: true }).optional(),
  /** Default: now. */
  until: z.iso.datetime({ offset: true }).optional(),
  /** Distance of two moments, seconds; default: as fine as 300 of them allow. A multiple of 60. */
  step: z.coerce.number().int().min(60).max(86_400).multipleOf(60).optional(),
});
export type FigureQuery = z.input<typeof FigureQuery>;

/** How the fleet fared over time. */
export const figureRoutes = {
  getFleetFigures: {
    method: 'GET',
    path: '/figures/fleet',
    access: 'viewer',
    query: FigureQuery,
    response: FleetFigures,
    status: 200,
    summary: 'Nodes by health, ages of heartbeats and durations of tasks over time',
  },
} as const satisfies Record<string, Route>;
