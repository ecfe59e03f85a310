import type { Node } from '@muster/api';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { nodeQueryOf, type ListView } from '../list-view.ts';
import type { Selection } from '../selection/use-selection.ts';
import { nodesBetween } from './nodes-between.ts';
import { rowAt, type NodeWindow } from './node-window.ts';

/** Choosing rows. The functions stay the same from one rendering to the next. */
export type RowSelection = {
  readonly toggle: (row: number) => void;
  /** All rows from the one that was chosen last, or else from `from`, to this one. */
  readonly selectTo: (row: number, from: number) => void;
  readonly selectAll: (isAll: boolean) => void;
  /** While rows that were not on screen are fetched. */
  readonly isBusy: boolean;
  readonly error: Error | null;
};

/** Chooses rows of the list, those too that are not on screen. */
export function useRowSelection(view: ListView, list: NodeWindow | undefined, selection: Selection): RowSelection {
  const anchor = useRef<number | undefined>(undefined);
  const latest = useRef({ view, list });
  useLayoutEffect(() => {
    latest.current = { view, list };
  }, [view, list]);
  const { add, clear, refresh, toggle: toggleNode } = selection;
  const { mutate, isPending, error } = useMutation({
    mutationFn: async ({ from, to }: { from: number; to: number }): Promise<Node[]> => {
      const { view: ofView, list: rows } = latest.current;
      return rows === undefined ? [] : nodesBetween(nodeQueryOf(ofView), rows, from, to);
    },
    onSuccess: add,
  });
  useEffect(() => {
    anchor.current = undefined;
  }, [list?.viewKey]);
  useEffect(() => {
    for (const { items } of list?.pages.values() ?? []) refresh(items);
  }, [list, refresh]);

  const toggle = useCallback(
    (row: number) => {
      const found = latest.current.list === undefined ? undefined : rowAt(latest.current.list, row);
      if (found === undefined) return;
      anchor.current = row;
      toggleNode(found.node);
    },
    [toggleNode],
  );
  const selectTo = useCallback(
    (row: number, from: number) => {
      anchor.current ??= from;
      mutate({ from: anchor.current, to: row });
    },
    [mutate],
  );
  const selectAll = useCallback(
    (isAll: boolean) => {
      const rows = latest.current.list;
      if (isAll && rows !== undefined && rows.total > 0) mutate({ from: 0, to: rows.total - 1 });
      else clear();
    },
    [mutate, clear],
  );
  return useMemo(() => ({ toggle, selectTo, selectAll, isBusy: isPending, error }), [toggle, selectTo, selectAll, isPending, error]);
}
