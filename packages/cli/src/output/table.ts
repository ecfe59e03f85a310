import { stripVTControlCharacters } from 'node:util';

/** A column: its title and how to read its cell from a row. Cells may carry colours. */
export type Column<Row> = { readonly title: string; readonly cell: (row: Row) => string; readonly alignRight?: boolean };

/** Lays rows out in columns two blanks apart, without trailing blanks. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => columns.map((column) => column.cell(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => widthOf(line[i] ?? ''))));
  const lines = cells.map((line) =>
    line
      .map((text, i) => pad(text, widths[i] ?? 0, columns[i]?.alignRight ?? false))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length;

function pad(text: string, width: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return right ? blanks + text : text + blanks;
}
