import { useState } from 'react';
import { columns, type ColumnId } from './columns.tsx';

const key = 'muster.nodes.columns';
const usual = columns.filter((column) => column.isOptional !== true).map((column) => column.id);

/** The columns of these ids, in the order of the table; the name always is one of them. Others are ignored, and too few are the usual ones. */
function knownColumns(ids: readonly unknown[]): ColumnId[] {
  const known = columns.filter((column) => column.id === 'name' || ids.includes(column.id)).map((column) => column.id);
  return known.length > 1 ? known : usual;
}

function stored(): ColumnId[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return Array.isArray(value) ? knownColumns(value) : usual;
  } catch {
    return usual;
  }
}

/** The columns on screen, remembered by this browser. */
export function useShownColumns(): [readonly ColumnId[], (ids: readonly string[]) => void] {
  const [shown, setShown] = useState(stored);
  const show = (ids: readonly string[]) => {
    const next = knownColumns(ids);
    setShown(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // A browser that keeps nothing still shows the columns until the page is closed.
    }
  };
  return [shown, show];
}
