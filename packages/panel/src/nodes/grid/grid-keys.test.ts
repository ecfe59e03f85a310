import { describe, expect, it } from 'vitest';
import { gridCommand, type GridKey } from './grid-keys.ts';

const press = (key: string, change: Partial<GridKey> = {}): GridKey => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...change,
});
const place = { row: 5, rows: 1_000, rowsOnScreen: 20 };

describe('keys that go', () => {
  it.each([
    ['ArrowDown', 6],
    ['ArrowUp', 4],
    ['PageDown', 25],
    ['PageUp', 0],
    ['Home', 0],
    ['End', 999],
  ])('%s goes from row 5 to row %d', (key, to) => {
    expect(gridCommand(press(key), place)).toEqual({ kind: 'go', to, selects: false });
    expect(gridCommand(press(key, { shiftKey: true }), place)).toEqual({ kind: 'go', to, selects: true });
  });

  it('stay within the list, also where there is none', () => {
    expect(gridCommand(press('ArrowDown'), { row: 2, rows: 3, rowsOnScreen: 20 })).toMatchObject({ to: 2 });
    expect(gridCommand(press('ArrowUp'), { row: 0, rows: 3, rowsOnScreen: 20 })).toMatchObject({ to: 0 });
    expect(gridCommand(press('End'), { row: 0, rows: 0, rowsOnScreen: 20 })).toMatchObject({ to: 0 });
  });

  it('go to both ends with Ctrl too', () => {
    expect(gridCommand(press('Home', { ctrlKey: true }), place)).toEqual({ kind: 'go', to: 0, selects: false });
    expect(gridCommand(press('End', { ctrlKey: true, shiftKey: true }), place)).toEqual({ kind: 'go', to: 999, selects: true });
  });
});

it.each([
  [press(' '), 'toggle'],
  [press(' ', { shiftKey: true }), 'select-to-here'],
  [press('Enter'), 'open'],
  [press('Escape'), 'select-none'],
  [press('a', { ctrlKey: true }), 'select-all'],
  [press('A', { metaKey: true }), 'select-all'],
])('%o means %s', (pressed, kind) => expect(gridCommand(pressed, place)).toEqual({ kind }));

it.each([
  press('a'),
  press('Tab'),
  press('c', { ctrlKey: true }),
  press('ArrowDown', { altKey: true }),
  press('ArrowDown', { ctrlKey: true }),
])('%o is left to the browser', (pressed) => expect(gridCommand(pressed, place)).toBeUndefined());
