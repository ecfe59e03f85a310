import { NodeView, NodeViewCreate, NodeViewList, NodeViewReplace } from '../../node/node-view.ts';
import { idParams, none, type Route } from '../route.ts';

/** Lists of nodes that people keep by a name: their own, and those that someone shares. */
export const viewRoutes = {
  listViews: {
    method: 'GET',
    path: '/views',
    access: 'viewer',
    response: NodeViewList,
    status: 200,
    summary: 'Saved views: one’s own and the shared ones, by name',
  },
  addView: {
    method: 'POST',
    path: '/views',
    access: 'viewer',
    body: NodeViewCreate,
    response: NodeView,
    status: 201,
    summary: 'Save a view; to share it takes an operator',
  },
  getView: { method: 'GET', path: '/views/{id}', access: 'viewer', params: idParams, response: NodeView, status: 200, summary: 'One view' },
  replaceView: {
    method: 'PUT',
    path: '/views/{id}',
    access: 'viewer',
    params: idParams,
    body: NodeViewReplace,
    response: NodeView,
    status: 200,
    summary: 'Replace a view of one’s own; an administrator any shared one',
  },
  removeView: {
    method: 'DELETE',
    path: '/views/{id}',
    access: 'viewer',
    params: idParams,
    response: none,
    status: 204,
    summary: 'Remove a view of one’s own; an administrator any shared one',
  },
} as const satisfies Record<string, Route>;
