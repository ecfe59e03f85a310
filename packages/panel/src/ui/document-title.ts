import { useEffect } from 'react';

/** Names the browser's tab, and what a screen reader says on arriving. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Muster`;
  }, [title]);
}
