import { z } from 'zod';
import type { Route } from '../route.ts';
import { ServerStatus } from '../session.ts';

/** The server itself. */
export const serverRoutes = {
  getStatus: {
    method: 'GET',
    path: '/status',
    access: 'viewer',
    response: ServerStatus,
    status: 200,
    summary: 'Version, times in force, nodes by health',
  },
  live: {
    method: 'GET',
    path: '/health/live',
    access: 'public',
    response: z.object({ status: z.literal('live') }),
    status: 200,
    summary: 'The process answers',
  },
  ready: {
    method: 'GET',
    path: '/health/ready',
    access: 'public',
    fromPrimary: true,
    response: z.object({ status: z.literal('ready') }),
    status: 200,
    summary: 'The server can do its work: 503 while the database is away',
  },
} as const satisfies Record<string, Route>;
