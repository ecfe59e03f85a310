import { type NodeView, type NodeViewCreate, problem, type Session } from '@muster/api';
import { NodeRangeError, parseNodeQuery, parseRange, roleIncludes } from '@muster/core';
import type { Store, StoredView } from '@muster/store';
import { ViewNotFound } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import { ownerOf, whoIs } from '../permissions/who-is.ts';

type ViewParts = { readonly store: Pick<Store, 'views'> };
type ViewRoutes = 'listViews' | 'addView' | 'getView' | 'replaceView' | 'removeView';

/** Lists of nodes that people keep. Someone else's view that is not shared does not exist for whoever asks. */
export function viewHandlers({ store: { views } }: ViewParts): Pick<Handlers, ViewRoutes> {
  return {
    listViews: async ({ session }) => ({ items: (await views.list(ownerOf(session))).map((view) => shown(view, session)) }),
    addView: async ({ body, session }) => {
      refuseBadQuery(body);
      if (body.shared) requireSharing(session);
      return shown(await views.add(ownerOf(session), whoIs(session), body), session);
    },
    getView: async ({ params, session }) => shown(visible(await views.get(params.id), session), session),
    replaceView: async ({ params, body, session }) => {
      const before = visible(await views.get(params.id), session);
      requireChanging(before, session);
      refuseBadQuery(body);
      if (body.shared) requireSharing(session);
      return shown(await views.replace(params.id, body), session);
    },
    removeView: async ({ params, session }) => {
      requireChanging(visible(await views.get(params.id), session), session);
      await views.remove(params.id);
      return undefined;
    },
  };
}

const isOwn = (view: StoredView, session: Session | undefined): boolean => view.owner === ownerOf(session);

const shown = (view: StoredView, session: Session | undefined): NodeView => ({
  id: view.id,
  name: view.name,
  shared: view.shared,
  query: view.query,
  owner: view.ownerName,
  own: isOwn(view, session),
  updatedAt: view.updatedAt,
});

/** @throws ViewNotFound for a view that is somebody else's alone */
function visible(view: StoredView, session: Session | undefined): StoredView {
  if (view.shared || isOwn(view, session)) return view;
  throw new ViewNotFound();
}

/** What everyone sees is for those who act on nodes to decide. */
function requireSharing(session: Session | undefined): void {
  if (session !== undefined && roleIncludes(session.role, 'operator')) return;
  throw problem('not-allowed', `${session?.name ?? ''} may not share views: it takes the role operator. Save it for yourself.`);
}

function requireChanging(view: StoredView, session: Session | undefined): void {
  if (isOwn(view, session) || session?.role === 'administrator') return;
  throw problem('not-allowed', `The view "${view.name}" is ${view.ownerName}'s: only its owner or an administrator changes it.`);
}

/** A view that could never be shown is not kept. Names may come and go, so only what is wrong in any world is an error here. */
function refuseBadQuery({ query }: Pick<NodeViewCreate, 'query'>): void {
  const parsed = parseNodeQuery(query.sort, query.filter);
  if (!parsed.ok) {
    const errors = parsed.errors.map(({ path, message }) => ({ path: `query.${path}`, message }));
    throw problem('invalid-request', errors.map(({ message }) => message).join('; '), errors);
  }
  if (query.range === null) return;
  try {
    parseRange(query.range);
  } catch (error) {
    if (!(error instanceof NodeRangeError)) throw error;
    const { message, offset, length } = error;
    throw problem('invalid-request', error.describe(), [{ path: 'query.range', message, offset, length }], { cause: error });
  }
}
