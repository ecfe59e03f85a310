import { useEffect, useState, useSyncExternalStore } from 'react';

/** Below this width rows are cards, and the page scrolls instead of the table. The same number stands in nodes-grid.css. */
const narrow = '(width < 62rem)';

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(narrow);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

/** Whether rows are cards. */
export const useIsNarrow = (): boolean => useSyncExternalStore(subscribe, () => window.matchMedia(narrow).matches);

/** How far below the top of what scrolls the rows begin, pixels; follows whatever grows or shrinks above them. */
export function useRowsOffset(rows: HTMLElement | null, scroller: HTMLElement | null): number {
  const [offset, setOffset] = useState(0);
  useEffect(() => {
    if (rows === null || scroller === null) return undefined;
    const measure = () =>
      setOffset(Math.max(0, Math.round(rows.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop)));
    measure();
    const observer = new ResizeObserver(measure);
    for (const element of scroller.querySelectorAll('.mp-above-rows')) observer.observe(element);
    observer.observe(scroller);
    return () => observer.disconnect();
  }, [rows, scroller]);
  return offset;
}
