import { NodeActionRequest, NodeActionResult } from '../../node/node-action.ts';
import type { Route } from '../route.ts';

/** What is decided about many nodes at once. */
export const nodeActionRoutes = {
  actOnNodes: {
    method: 'POST',
    path: '/nodes/actions',
    access: 'operator',
    body: NodeActionRequest,
    response: NodeActionResult,
    status: 200,
    summary: 'Cordon, drain, put into maintenance, label, group, annotate or remove the nodes of a range: all of them or none',
  },
} as const satisfies Record<string, Route>;
