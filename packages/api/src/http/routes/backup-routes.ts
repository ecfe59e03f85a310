import { z } from 'zod';
import type { Route } from '../route.ts';

/** Copies of everything that an installation keeps. */
export const backupRoutes = {
  takeSnapshot: {
    method: 'POST',
    path: '/snapshots',
    access: 'administrator',
    response: z.string(),
    produces: ['application/vnd.muster.snapshot'],
    status: 200,
    summary:
      'Everything that the server keeps, at one moment, with the keys of the authority and not encrypted: "muster backup" makes an encrypted file of it',
  },
} as const satisfies Record<string, Route>;
