import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { readListView, writeListView, type ListView } from './list-view.ts';

/** The view of the list, kept in the address: a link shows the same list to a colleague, and Back goes back. */
export function useListView(): [ListView, (view: ListView, options?: { replace: boolean }) => void] {
  const [search, setSearch] = useSearchParams();
  const view = useMemo(() => readListView(search), [search]);
  const setView = useCallback((next: ListView, options?: { replace: boolean }) => setSearch(writeListView(next), options), [setSearch]);
  return [view, setView];
}
