/** A key that was pressed on a row. */
export type GridKey = {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
};

/** What a key asks of the grid. */
export type GridCommand =
  | { readonly kind: 'go'; readonly to: number; readonly selects: boolean }
  | { readonly kind: 'toggle' }
  | { readonly kind: 'select-to-here' }
  | { readonly kind: 'select-all' }
  | { readonly kind: 'select-none' }
  | { readonly kind: 'open' };

/** Where one is: the row, how many rows there are, and how many fit on the screen. */
export type GridPlace = { readonly row: number; readonly rows: number; readonly rowsOnScreen: number };

/**
 * What a key means: arrows, Page up and down, Home and End go, and with Shift take the rows between along; Space selects a row, Shift-Space
 * up to it; Ctrl-A selects all, Escape none; Enter opens. Undefined for a key that is none of the grid's. As the ARIA practices have it for grids.
 */
export function gridCommand(pressed: GridKey, place: GridPlace): GridCommand | undefined {
  if (pressed.altKey) return undefined;
  if (pressed.ctrlKey || pressed.metaKey) return controlCommand(pressed, place);
  const to = moves[pressed.key]?.(place);
  if (to !== undefined) return { kind: 'go', to: Math.min(Math.max(0, to), Math.max(0, place.rows - 1)), selects: pressed.shiftKey };
  if (pressed.key === ' ') return { kind: pressed.shiftKey ? 'select-to-here' : 'toggle' };
  if (pressed.key === 'Enter') return { kind: 'open' };
  return pressed.key === 'Escape' ? { kind: 'select-none' } : undefined;
}

function controlCommand({ key, shiftKey }: GridKey, { rows }: GridPlace): GridCommand | undefined {
  if (key === 'a' || key === 'A') return { kind: 'select-all' };
  if (key === 'Home') return { kind: 'go', to: 0, selects: shiftKey };
  if (key === 'End') return { kind: 'go', to: Math.max(0, rows - 1), selects: shiftKey };
  return undefined;
}

const moves: Readonly<Record<string, (place: GridPlace) => number>> = {
  ArrowDown: ({ row }) => row + 1,
  ArrowUp: ({ row }) => row - 1,
  PageDown: ({ row, rowsOnScreen }) => row + rowsOnScreen,
  PageUp: ({ row, rowsOnScreen }) => row - rowsOnScreen,
  Home: () => 0,
  End: ({ rows }) => rows - 1,
};
