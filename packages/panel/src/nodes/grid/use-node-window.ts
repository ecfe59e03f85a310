import type { NodeList } from '@muster/api';
import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { nodesQuery } from '../../api/queries.ts';
import { nodeQueryOf, writeListView, type ListView } from '../list-view.ts';
import { pageRows, pagesOf, windowOf, type NodeWindow, type RowSpan } from './node-window.ts';

/** What the list shows and how it stands with it. */
export type ShownNodes = {
  /** Undefined until the first answer. */
  readonly window: NodeWindow | undefined;
  /** While rows of another view still stand here. */
  readonly isStale: boolean;
  /** Why there is nothing to show. */
  readonly problem: Error | null;
  /** Tells which rows are on screen, so that they are fetched and kept level. */
  readonly look: (span: RowSpan) => void;
};

const combine = (results: UseQueryResult<NodeList>[]) => ({
  lists: results.map(({ data }) => data),
  answeredAtMs: results.map(({ dataUpdatedAt }) => dataUpdatedAt),
  error: results.find(({ error }) => error !== null)?.error ?? null,
  failureReason: results.find(({ failureReason }) => failureReason !== null)?.failureReason ?? null,
});

/** The rows of a view that are looked at, fetched page by page and kept level with the server. */
export function useNodeWindow(view: ListView): ShownNodes {
  const [looked, setLooked] = useState<readonly number[]>(firstPage);
  const [shown, setShown] = useState<NodeWindow>();
  const viewKey = writeListView(view).toString();
  const isStale = shown !== undefined && shown.viewKey !== viewKey;
  // Another view begins at its top, wherever the one before was scrolled to.
  const pages = isStale ? firstPage : looked;
  const answers = useQueries({
    queries: pages.map((page) => nodesQuery({ ...nodeQueryOf(view), limit: pageRows, offset: page * pageRows })),
    combine,
  });
  const [seen, setSeen] = useState<{ answers: typeof answers; pages: typeof pages }>();
  if (seen?.answers !== answers || seen.pages !== pages) {
    setSeen({ answers, pages });
    const next = windowOf(viewKey, pages, answers, shown);
    if (next !== undefined) setShown(next);
  }
  const look = useCallback((span: RowSpan) => {
    const next = pagesOf(span);
    setLooked((before) => (before.join() === next.join() ? before : next));
  }, []);
  return { window: shown, isStale, problem: answers.error ?? (shown === undefined ? answers.failureReason : null), look };
}

const firstPage: readonly number[] = [0];
