import { useState } from 'react';
import { columns, type ColumnId } from './columns.tsx';

const key = 'muster.nodes.columns';
const usual = columns.filter((column) => column.isOptional !== true).map((column) => column.id);

function stored(): ColumnId[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    if (!Array.isArray(value)) return usual;
    const known = columns.filter((column) => column.id === 'name' || value.includes(column.id)).map((column) => column.id);
    return known.length > 1 ? known : usual;
  } catch {
    return usual;
  }
}

/** The columns on screen, remembered by this browser. The name always is one of them. */
export function useShownColumns(): [readonly ColumnId[], (id: ColumnId, isShown: boolean) => void] {
  const [shown, setShown] = useState(stored);
  const show = (id: ColumnId, isShown: boolean) => {
    const next = columns.map((column) => column.id).filter((one) => (one === id ? isShown : shown.includes(one)));
    setShown(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // A browser that keeps nothing still shows the columns until the page is closed.
    }
  };
  return [shown, show];
}
