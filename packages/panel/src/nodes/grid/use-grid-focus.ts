import { useCallback, useEffect, useRef, useState } from 'react';
import { pageRows, rowAt, type NodeWindow } from './node-window.ts';

/** The row that the keyboard is on: one tab stop for the whole grid, as the ARIA practices have it. */
export type GridFocus = {
  readonly row: number;
  /** Goes to a row and takes the focus there, once its element is here. */
  readonly go: (row: number) => void;
  /** The focus came to a row by itself: a click, the tab key. */
  readonly arrived: (row: number) => void;
  /** Tells of the element of a row, or that there is none any more. */
  readonly note: (row: number, element: HTMLElement | null) => void;
};

/** Follows the focus over rows that come and go with scrolling, and with its node when the list is ordered anew by what happens. */
export function useGridFocus(list: NodeWindow): GridFocus {
  const [row, setRow] = useState(0);
  const elements = useRef(new Map<number, HTMLElement>());
  const wanted = useRef<number | undefined>(undefined);

  useEffect(() => {
    const element = wanted.current === undefined ? undefined : elements.current.get(wanted.current);
    if (element === undefined) return;
    wanted.current = undefined;
    element.focus({ preventScroll: true });
  });

  const followed = useRef<{ viewKey: string; row: number; id: string | undefined }>({ viewKey: list.viewKey, row: 0, id: undefined });
  useEffect(() => {
    const before = followed.current;
    const place = before.viewKey === list.viewKey && before.row === row ? placeOf(list, before.id) : undefined;
    const next = before.viewKey === list.viewKey ? (place ?? row) : 0;
    followed.current = { viewKey: list.viewKey, row: next, id: rowAt(list, next)?.node.id };
    if (next === row) return;
    // Only the focus moves along, and only where it was in the grid: nothing scrolls by itself.
    if (elements.current.get(row)?.contains(document.activeElement) === true && place !== undefined) wanted.current = next;
    setRow(next);
  }, [list, row]);

  const go = useCallback((next: number) => {
    wanted.current = next;
    setRow(next);
  }, []);
  const note = useCallback((index: number, element: HTMLElement | null) => {
    if (element === null) elements.current.delete(index);
    else elements.current.set(index, element);
  }, []);
  return { row: Math.min(row, Math.max(0, list.total - 1)), go, arrived: setRow, note };
}

/** The row in which a node stands now, where that is known. */
function placeOf(list: NodeWindow, id: string | undefined): number | undefined {
  if (id === undefined) return undefined;
  for (const [page, { items }] of list.pages) {
    const at = items.findIndex((node) => node.id === id);
    if (at >= 0) return page * pageRows + at;
  }
  return undefined;
}
