import { styleText } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Column, table } from './table.ts';

type Row = { name: string; size: number };
const columns: Column<Row>[] = [
  { title: 'NAME', cell: (row) => row.name },
  { title: 'SIZE', cell: (row) => String(row.size), alignRight: true },
  { title: 'END', cell: () => '' },
];

describe('a table', () => {
  it('lines up its columns, two blanks apart, without trailing blanks', () => {
    const rows = [
      { name: 'a', size: 5 },
      { name: 'longer', size: 1000 },
    ];
    expect(table(rows, columns)).toBe('NAME    SIZE  END\na          5\nlonger  1000\n');
  });

  it('has its titles when there is no row', () => expect(table([], columns)).toBe('NAME  SIZE  END\n'));

  it('counts what is seen: colours have no width, and an emoji is one character', () => {
    const red = styleText('red', 'bad', { validateStream: false });
    const shown = table(
      [
        { name: red, size: 1 },
        { name: '🦊', size: 22 },
      ],
      columns.slice(0, 2),
    );
    expect(shown).toBe(`NAME  SIZE\n${red}      1\n🦊       22\n`);
  });
});
